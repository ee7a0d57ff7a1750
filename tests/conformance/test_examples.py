"""Each example of docs/examples is run as it stands there, and shows what the graph has."""

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from jinja2.sandbox import SandboxedEnvironment

from tests.conformance.discord import Discord, start_discord
from tests.conformance.examples import FOLDER, find_value, read_configuration, read_example
from tests.conformance.processes import (
    CONFORMANCE_FOLDER,
    TIMEOUT_SECONDS,
    build_environment,
    run_script,
    start_server,
)
from tests.conformance.recipes import KEY
from tests.conformance.web_application import find_chromium, serve_web_application

TIMELINE_QUERY = """query ($accounts: [AccountInput!]!, $after: String) {
  %s {
    totals { earned }
    achievements(first: 100, after: $after) {
      edges { node { name earnedAt source icon { url } title { name } } }
      pageInfo { hasNextPage endCursor }
    }
  }
}"""
VIEWER_QUERY = TIMELINE_QUERY.replace("$accounts: [AccountInput!]!, ", "") % "viewer"
PLAYER_QUERY = TIMELINE_QUERY % "player: user(accounts: $accounts)"
PLAYER = {"source": "RETRO_ACHIEVEMENTS", "handle": "VegaNorth"}
Timeline = list[dict[str, Any]]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Return the address of a server whose timeline stays as it is."""
    keys = f"examples:{KEY}:read"
    with start_server(TROPHYCASE_API_KEYS=keys, TROPHYCASE_SANDBOX_UNLOCKS="off") as found:
        yield found.removesuffix("/graphql")


@pytest.fixture(scope="module")
def timeline(address: str) -> Timeline:
    """Return the viewer's whole timeline."""
    return load_timeline(address, VIEWER_QUERY, "viewer")


def load_timeline(address: str, query: str, name: str, **variables: Any) -> Timeline:
    found: Timeline = []
    after: str | None = None
    while True:
        content = {"query": query, "variables": {**variables, "after": after}}
        page = send(f"{address}/graphql", content)["data"][name]["achievements"]
        found += [edge["node"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return found


def send(url: str, content: Any, headers: dict[str, str] | None = None) -> Any:
    headers = headers or {"authorization": f"Bearer {KEY}"}
    return httpx.post(url, json=content, headers=headers, timeout=TIMEOUT_SECONDS).json()


def run_program(command: Sequence[str], code: str) -> str:
    """Run a program with its code on standard input, and return what it prints."""
    finished = subprocess.run(  # noqa: S603
        command,
        cwd=CONFORMANCE_FOLDER,
        env=build_environment(NODE_NO_WARNINGS="1"),
        input=code,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    assert (finished.returncode, finished.stderr) == (0, "")
    return finished.stdout


def get_title_name(achievement: dict[str, Any]) -> str:
    title = achievement["title"]
    return (title and title["name"]) or ""


def test_every_example_is_named_in_the_index() -> None:
    index = (FOLDER / "README.md").read_text()
    names = {path.name for path in FOLDER.iterdir() if path.is_file()} - {"README.md"}
    assert names == set(re.findall(r"^\| \[([\w.-]+)\]\(\1\)", index, re.MULTILINE))


@pytest.mark.parametrize("name", ["apollo-client.mjs", "urql.mjs"])
def test_a_client_in_javascript_lists_the_timeline(
    modules: str, address: str, timeline: Timeline, name: str
) -> None:
    code = read_example(name, address)
    lines = run_program([modules, "--input-type=module", "-"], code).splitlines()
    assert len(timeline) > 100
    assert lines == [
        "\t".join([each["earnedAt"] or "", each["source"], get_title_name(each), each["name"]])
        for each in timeline
    ]


def test_the_client_in_python_writes_the_timeline_as_csv(address: str, timeline: Timeline) -> None:
    printed = run_program([sys.executable, "-"], read_example("python_gql.py", address))
    rows = list(csv.DictReader(io.StringIO(printed)))
    assert rows == [
        {
            "earnedAt": each["earnedAt"] or "",
            "source": each["source"],
            "title": get_title_name(each),
            "name": each["name"],
        }
        for each in timeline
    ]


def test_the_page_lists_a_players_timeline_in_a_browser() -> None:
    chromium = find_chromium()
    page: list[str] = []
    with (
        serve_web_application(page) as origin,
        start_server(
            TROPHYCASE_API_KEYS=f"page:{KEY}:public",
            TROPHYCASE_CORS_ORIGINS=origin,
            TROPHYCASE_SANDBOX_UNLOCKS="off",
        ) as url,
    ):
        address = url.removesuffix("/graphql")
        page.append(read_example("page.html", address).replace("PLAYER", PLAYER["handle"]))
        found = run_script("page_example.mjs", payload={"executablePath": chromium, "page": origin})
        timeline = load_timeline(address, PLAYER_QUERY, "player", accounts=[PLAYER])
    assert (found["problem"], found["problems"]) == ("", [])
    expected = [f"{each['name']}, {get_title_name(each)}, " for each in timeline]
    assert len(expected) > 20
    assert [item[: item.rindex(", ") + 2] for item in found["items"]] == expected


def test_home_assistant_gets_its_sensors(address: str, timeline: Timeline) -> None:
    (rest,) = read_configuration("home-assistant.yaml", address)["rest"]
    content = json.loads(rest["payload"])
    assert rest["method"] == "POST"
    answer = send(rest["resource"], content, rest["headers"])
    count, newest = rest["sensor"]

    totals = answer["data"]["viewer"]["totals"]
    assert int(render(count, answer)) == sum(each["earned"] or 0 for each in totals) > 0
    assert render(newest, answer) == timeline[0]["name"]
    path = newest["json_attributes_path"].removeprefix("$.").replace("[0]", ".0")
    attributes = find_value(answer, path)
    assert {name: attributes[name] for name in newest["json_attributes"]} == {
        name: timeline[0][name] for name in newest["json_attributes"]
    }


def test_the_sensors_of_home_assistant_say_what_is_not_known(address: str) -> None:
    (rest,) = read_configuration("home-assistant.yaml", address)["rest"]
    count, newest = rest["sensor"]
    totals = [{"source": "PSN", "earned": None}, {"source": "XBOX", "earned": 3}]
    viewer: dict[str, Any] = {"totals": totals, "achievements": {"edges": []}}
    answer = {"data": {"viewer": viewer}}
    assert render(count, answer) == "3"
    assert render(newest, answer) == "none"


def render(sensor: Any, answer: Any) -> str:
    template = SandboxedEnvironment().from_string(sensor["value_template"])
    return template.render(value_json=answer).strip()


def test_the_widget_of_glance_lists_the_newest(address: str, timeline: Timeline) -> None:
    (widget,) = read_configuration("glance.yaml", address)
    assert (widget["method"], widget["body-type"]) == ("POST", "json")
    answer = send(widget["url"], widget["body"], widget["headers"])
    (items,) = re.findall(r'\.JSON\.Array "([\w.]+)"', widget["template"])
    paths = re.findall(r'\.String "([\w.]+)"', widget["template"])
    expected = [
        [find_value(each, path.removeprefix("node.")) for path in paths] for each in timeline[:10]
    ]
    assert [[find_value(each, path) for path in paths] for each in find_value(answer, items)] == (
        expected
    )


def test_the_widget_of_homepage_lists_the_newest(address: str, timeline: Timeline) -> None:
    widget = read_configuration("homepage.yaml", address)[0]["Games"][0]["Achievements"]["widget"]
    assert (widget["method"], widget["display"]) == ("POST", "dynamic-list")
    answer = send(widget["url"], widget["requestBody"], widget["headers"])
    mappings = widget["mappings"]
    rows = find_value(answer, mappings["items"])
    assert [
        (find_value(row, mappings["name"]), find_value(row, mappings["label"])) for row in rows
    ] == [(each["name"], get_title_name(each)) for each in timeline[: mappings["limit"]]]


@contextmanager
def start_bot(discord: Discord, url: str) -> Generator[str]:
    """Start the bot, and return its address."""
    command = [sys.executable, "-m", "uvicorn", "discord_bot:app", "--app-dir", str(FOLDER)]
    environment = build_environment(
        DISCORD_API_URL=discord.address,
        DISCORD_WEBHOOK_URL=f"{discord.address}/webhook",
        DISCORD_PUBLIC_KEY=discord.public_key,
        TROPHYCASE_URL=url,
        TROPHYCASE_KEY=KEY,
    )
    with subprocess.Popen(  # noqa: S603
        [*command, "--port", "0"], env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr
            lines = (re.search(r"http://\S+", line) for line in process.stderr)
            yield next(found.group() for found in lines if found)
        finally:
            process.kill()


def test_the_bot_answers_the_command_and_announces_unlocks() -> None:
    with (
        start_discord() as discord,
        start_server(
            TROPHYCASE_API_KEYS=f"bot:{KEY}:read",
            TROPHYCASE_LIVE_INTERVAL="1",
            TROPHYCASE_SANDBOX_UNLOCKS="1",
        ) as url,
        start_bot(discord, url) as bot,
    ):
        assert discord.interact(bot, {"type": 1}).json() == {"type": 1}
        assert discord.interact(bot, {"type": 1}, is_forged=True).status_code == 401
        command = {"type": 2, "application_id": "12", "token": "secret"}
        assert discord.interact(bot, command).json() == {"type": 5}
        path, listed = discord.wait_for("PATCH")
        unlocks = [discord.wait_for("POST") for _ in range(2)]

    assert path == "/webhooks/12/secret/messages/@original"
    assert len(listed["content"].splitlines()) == 5
    assert [path for path, _ in unlocks] == ["/webhook", "/webhook"]
    assert all(" unlocked **" in message["content"] for _, message in unlocks)
    assert all(
        message["allowed_mentions"] == {"parse": []}
        for message in (listed, *(message for _, message in unlocks))
    )
