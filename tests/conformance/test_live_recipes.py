"""Each recipe of docs/live.md is run as it stands there, and receives an unlock."""

import subprocess
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager

import pytest

from tests.conformance.processes import (
    CONFORMANCE_FOLDER,
    build_environment,
    run_script,
    start_server,
)
from tests.conformance.recipes import KEY, fill_in, load_recipes
from tests.conformance.web_application import find_chromium, serve_web_application

RECIPES = load_recipes()
NODE_RECIPES = ("graphql-ws", "graphql-sse", "Apollo Client", "urql")
# Before version 22 of Node, as the text under a recipe says.
WEB_SOCKET = "import WebSocket from 'ws'; globalThis.WebSocket ??= WebSocket;\n"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Return the address of a server where something is unlocked each second."""
    with start_server(
        TROPHYCASE_API_KEYS=f"recipes:{KEY}:read",
        TROPHYCASE_LIVE_INTERVAL="1",
        TROPHYCASE_SANDBOX_UNLOCKS="1",
    ) as found:
        yield found.removesuffix("/graphql")


@contextmanager
def start_recipe(command: Sequence[str], code: str) -> Generator["subprocess.Popen[str]"]:
    """Run a program that never ends by itself, with its code on standard input."""
    with subprocess.Popen(  # noqa: S603
        command,
        cwd=CONFORMANCE_FOLDER,
        env=build_environment(NODE_NO_WARNINGS="1"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        process.stdin.write(code)
        process.stdin.close()
        try:
            yield process
        finally:
            process.kill()


def read_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def test_every_recipe_is_run() -> None:
    assert set(RECIPES) == {*NODE_RECIPES, "Python gql", "curl", "OBS browser source"}


@pytest.mark.parametrize("name", NODE_RECIPES)
def test_a_recipe_in_javascript_prints_unlocks(modules: str, address: str, name: str) -> None:
    code = WEB_SOCKET + fill_in(RECIPES[name], address)
    with start_recipe([modules, "--input-type=module", "-"], code) as process:
        assert read_line(process)
        assert read_line(process)


def test_the_recipe_in_python_prints_unlocks(address: str) -> None:
    code = fill_in(RECIPES["Python gql"], address)
    with start_recipe([sys.executable, "-"], code) as process:
        assert read_line(process)
        assert read_line(process)


def test_the_recipe_for_curl_prints_events(address: str) -> None:
    with start_recipe(["sh"], fill_in(RECIPES["curl"], address)) as process:
        lines = [read_line(process) for _ in range(4)]
    assert lines[:3] == [":", "", "event: next"]
    assert lines[3].startswith('data: {"data":{"achievementUnlocked":{"achievement":{"name":"')


def test_the_overlay_shows_unlocks_in_a_browser() -> None:
    chromium = find_chromium()
    page: list[str] = []
    with (
        serve_web_application(page) as origin,
        start_server(
            TROPHYCASE_API_KEYS=f"recipes:{KEY}:read",
            TROPHYCASE_CORS_ORIGINS=origin,
            TROPHYCASE_LIVE_INTERVAL="1",
            TROPHYCASE_SANDBOX_UNLOCKS="1",
        ) as address,
    ):
        page.append(fill_in(RECIPES["OBS browser source"], address.removesuffix("/graphql")))
        found = run_script("overlay.mjs", payload={"executablePath": chromium, "page": origin})
    assert found["shown"]
    assert found["problems"] == []
