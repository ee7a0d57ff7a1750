"""Which processes load the sandbox upstreams."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from providers.registry import Source

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[3]
LIST_LOADED_MODULES = """
import asyncio, fnmatch, json, sys
import server.__main__
from server.app import create_app
from server.settings import read_settings

async def start_and_stop(app):
    async with app.router.lifespan_context(app):
        pass

environment = {
    "TROPHYCASE_STATE_DIR": sys.argv[2],
    "PSN_CLIENT_ID": "id",
    "PSN_NPSSO": "0" * 64,
    "RETROACHIEVEMENTS_USERNAME": "name",
    "RETROACHIEVEMENTS_API_KEY": "key",
    "TROPHY_SO_API_KEY": "key",
}
asyncio.run(start_and_stop(create_app(read_settings(environment, sandbox=sys.argv[1] == "on"))))
patterns = ("providers.*sandbox*", "server.sandbox*")
is_sandbox = lambda name: any(fnmatch.fnmatch(name, pattern) for pattern in patterns)
print(json.dumps(list(filter(is_sandbox, sys.modules))))
"""


def list_sandbox_modules(state_dir: Path, *, sandbox: bool) -> list[str]:
    """Start a server in a process of its own; return the sandbox modules that it has loaded."""
    command = [sys.executable, "-c", LIST_LOADED_MODULES, "on" if sandbox else "off", state_dir]
    completed = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True)  # noqa: S603 - our own text
    return json.loads(completed.stdout)


def test_a_server_with_real_upstreams_loads_no_sandbox(tmp_path: Path) -> None:
    assert list_sandbox_modules(tmp_path, sandbox=False) == []


def test_a_server_with_sandbox_upstreams_loads_all_of_them(tmp_path: Path) -> None:
    modules = list_sandbox_modules(tmp_path, sandbox=True)

    assert {f"{type(source.value).__module__}.sandbox.app" for source in Source} <= set(modules)
