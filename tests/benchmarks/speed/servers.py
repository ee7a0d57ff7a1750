"""This server and its peers: how each is started, and whether it is installed."""

import importlib.util
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from providers.registry import Source
from tests.benchmarks.speed.http_client import TIMEOUT_SECONDS, get_json
from tests.benchmarks.speed.prepared_upstream import CONTROL_PREFIX, TOKEN
from tests.benchmarks.speed.process import Program
from tests.harness import operator_settings, sandbox_url_settings

OURS, EXECUTING = "this server", "without stored responses"
PLAIN = "and on graphql-core's executor"
IN_BACKGROUND, BEFORE_RESPONSE = "in the background", "before the response"  # how a list is loaded
STRAWBERRY, ARIADNE = "Strawberry", "Ariadne"
AIOHTTP, HTTPX, OWN = "by hand, aiohttp", "by hand, httpx", "by hand, our transport"
MERCURIUS, YOGA = "Mercurius with JIT", "GraphQL Yoga with JIT"

PEERS_FOLDER = Path(__file__).parents[1] / "peers"
PEERS = "tests.benchmarks.peers"
VARIANT = "tests.benchmarks.speed.variant_server"
SETTING_PATTERN = re.compile(r"(_?TROPHYCASE|PSN|RETROACHIEVEMENTS|TROPHY_SO|UPSTREAM|NODE)_")
MAX_CONNECTIONS = 100


@dataclass(frozen=True)
class Server:
    """A command, and the package without which it cannot be started."""

    command: list[str]
    package: str = ""

    def is_installed(self) -> bool:
        if self.command[0] == "node":
            folders = (PEERS_FOLDER, *PEERS_FOLDER.parents)  # as Node searches
            has_package = any((each / "node_modules" / self.package).exists() for each in folders)
            return has_package and shutil.which("node") is not None
        return not self.package or importlib.util.find_spec(self.package) is not None


def build_python_command(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


UPSTREAM = build_python_command("tests.benchmarks.speed.prepared_upstream")
SERVERS = {
    OURS: Server(build_python_command("server", "serve", "--port", "0")),
    EXECUTING: Server(build_python_command(VARIANT, "executing")),
    PLAIN: Server(build_python_command(VARIANT, "graphql-core")),
    IN_BACKGROUND: Server(build_python_command(VARIANT, "short-lists")),
    BEFORE_RESPONSE: Server(build_python_command(VARIANT, "no-stale-lists")),
    STRAWBERRY: Server(build_python_command(f"{PEERS}.strawberry_server"), "aiohttp"),
    ARIADNE: Server(build_python_command(f"{PEERS}.ariadne_server"), "ariadne"),
    AIOHTTP: Server(build_python_command(f"{PEERS}.by_hand", "aiohttp"), "aiohttp"),
    HTTPX: Server(build_python_command(f"{PEERS}.by_hand", "httpx"), "aiohttp"),
    OWN: Server(build_python_command(f"{PEERS}.by_hand", "own"), "aiohttp"),
    MERCURIUS: Server(["node", str(PEERS_FOLDER / "mercurius.mjs")], "mercurius"),
    YOGA: Server(["node", str(PEERS_FOLDER / "yoga.mjs")], "graphql-yoga"),
}


@contextmanager
def start_fleet(*names: str) -> Generator["Fleet"]:
    """Start the upstream, and these servers as far as they are installed."""
    with ExitStack() as stack:
        upstream = stack.enter_context(Program(UPSTREAM, dict(os.environ)))
        state_directory = stack.enter_context(tempfile.TemporaryDirectory())
        fleet = Fleet(upstream.url, state_directory)
        fleet.programs = {
            name: stack.enter_context(fleet.create_program(name))
            for name in names
            if SERVERS[name].is_installed()
        }
        for program in fleet.programs.values():
            assert program.url
        yield fleet


@dataclass
class Fleet:
    """The upstream, and the servers that run on it, by name."""

    upstream_url: str
    state_directory: str
    programs: dict[str, Program] = field(default_factory=dict[str, Program])

    def create_program(self, name: str) -> Program:
        """Start one more instance of a server, which is not among the fleet's."""
        return Program(SERVERS[name].command, self._build_environment())

    def set_delay(self, seconds: float) -> None:
        """Delay every response of the upstream."""
        get_json(self.upstream_url, f"{CONTROL_PREFIX.decode()}delay/{seconds}")

    def read_calls(self) -> int:
        """Return the calls to the upstream since they were last read, without sign-in."""
        return get_json(self.upstream_url, f"{CONTROL_PREFIX.decode()}calls")

    def _build_environment(self) -> dict[str, str]:
        inherited = {
            name: value for name, value in os.environ.items() if not SETTING_PATTERN.match(name)
        }
        return {
            **inherited,
            "UPSTREAM_URL": self.upstream_url,
            "UPSTREAM_TOKEN": TOKEN,
            "NODE_ENV": "production",
            **sandbox_url_settings(self.upstream_url),
            **operator_settings(Source.PSN),
            "PSN_RATE": "1000000/1",
            "PSN_CONCURRENCY": str(MAX_CONNECTIONS),
            "TROPHYCASE_MAX_CALLS": "1000000",
            "TROPHYCASE_MAX_FIELDS": "10000000",
            "TROPHYCASE_DEADLINE": str(TIMEOUT_SECONDS),
            "TROPHYCASE_STATE_DIR": self.state_directory,
            "TROPHYCASE_CACHE_URL": "memory://",  # as the others, and not shared among the fleet
        }
