"""What a server that is killed in the middle of writing remembers when it starts again.

    python -m tests.benchmarks.restart

A server of its own process is asked for twenty whole titles, and killed with SIGKILL while it
stores the titles of another account. Then another one starts on the same state directory. Takes a
little more than a minute, because the list of titles has to expire.
"""

import sys
import threading
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import apsw
import httpx
import uvicorn

from providers.psn.sandbox.app import PsnSandbox
from providers.psn.sandbox.constants import OWNER_ACCOUNT_ID, SECOND_ACCOUNT_ID
from providers.registry import Source
from server.sandbox.upstreams import create_sandbox_app
from tests.benchmarks.queries import ALL_TITLE_FIELDS, OWNER_VARIABLES, build_titles_query
from tests.benchmarks.sandbox_data import add_psn_titles
from tests.harness import operator_settings, sandbox_url_settings
from tests.server.runtime.forked_process import start_command
from tests.server.runtime.server_process import Process, build_environment, start_process

QUERY = build_titles_query(ALL_TITLE_FIELDS)
TITLE_COUNT, OTHER_TITLE_COUNT = 20, 100
OTHER_VARIABLES = {"accounts": [{"source": "PSN", "handle": SECOND_ACCOUNT_ID}]}
LIST_SECONDS = 61  # after which the list is not fresh any more
KILLS = 5
TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Upstream:
    """A sandbox that serves PSN on a socket, with as many titles as are asked for."""

    address: str
    psn: PsnSandbox

    def count_calls(self) -> int:
        """Return the calls so far, without sign-ins."""
        return sum(count for name, count in self.psn.calls.items() if "/oauth/" not in name)

    def build_environment(self, folder: Path) -> dict[str, str]:
        """Return the settings of a server with the default cache in a state directory."""
        return build_environment(
            **sandbox_url_settings(self.address),
            **operator_settings(Source.PSN),
            TROPHYCASE_STATE_DIR=str(folder),
            TROPHYCASE_CACHE_URL="",
            TROPHYCASE_DEADLINE="60",
            PSN_RATE="100000/1",
        )


@dataclass(frozen=True)
class Answer:
    """A response, the calls that it took, and the milliseconds to it."""

    data: Any
    calls: int
    milliseconds: float


@contextmanager
def serve_upstream() -> Generator[Upstream]:
    """Serve the sandbox from a thread of this process."""
    app = create_sandbox_app()
    psn = app.state.upstreams.sandboxes[Source.PSN]
    add_psn_titles(psn, OWNER_ACCOUNT_ID, TITLE_COUNT)
    add_psn_titles(psn, SECOND_ACCOUNT_ID, OTHER_TITLE_COUNT, first=TITLE_COUNT)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Upstream(f"http://127.0.0.1:{port}", psn)
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def start_server(upstream: Upstream, folder: Path) -> Generator[Process]:
    """Start a server, and kill it at the end of the block."""
    environment = upstream.build_environment(folder)
    with start_process("serve", env=environment, start=start_command) as process:
        yield process


def ask(process: Process, variables: dict[str, Any] = OWNER_VARIABLES) -> Answer:
    """Ask for whole titles; fail if there are errors."""
    began = time.perf_counter()
    response = httpx.post(
        f"{process.address}/graphql",
        json={"query": QUERY, "variables": variables},
        timeout=TIMEOUT_SECONDS,
        trust_env=False,
    )
    milliseconds = (time.perf_counter() - began) * 1000
    body = response.json()
    assert "errors" not in body, body["errors"]
    return Answer(body["data"], sum(body["extensions"]["upstream"]["calls"].values()), milliseconds)


def kill_while_writing(upstream: Upstream, folder: Path, calls_before: int) -> Answer:
    """Ask a new server for the titles, and kill it that many calls into another question."""
    with ThreadPoolExecutor(1) as executor:
        with start_server(upstream, folder) as process:
            answer = ask(process)
            before = upstream.count_calls()
            unanswered = executor.submit(ask, process, OTHER_VARIABLES)
            while upstream.count_calls() < before + calls_before and not unanswered.done():
                time.sleep(0.001)
        unanswered.exception()
    return answer


def is_sound(folder: Path) -> bool:
    """Return whether SQLite finds no damage in the file."""
    connection: Any = apsw.Connection(str(folder / "cache.db"))
    try:
        return connection.pragma("integrity_check") == "ok"
    finally:
        connection.close()


def main() -> None:
    """Print the calls and times before and after a kill."""
    with TemporaryDirectory() as directory, serve_upstream() as upstream:
        folder = Path(directory)
        answers = {"nothing remembered": kill_while_writing(upstream, folder, 150)}
        fetched_at = time.monotonic()
        with start_server(upstream, folder) as process:
            answers["killed and started again, within the list's minute"] = ask(process)
            answers["the same again, from memory"] = ask(process)
        time.sleep(max(0, fetched_at + LIST_SECONDS - time.monotonic()))
        with start_server(upstream, folder) as process:
            answers["killed and started again, after it"] = ask(process)
        for label, answer in answers.items():
            assert answer.data == answers["nothing remembered"].data
            sys.stdout.write(f"{label:52} {answer.calls:4} calls {answer.milliseconds:8.0f} ms\n")
        sound = 0
        for kill in range(KILLS):
            kill_while_writing(upstream, folder, 20 + 50 * kill)
            sound += is_sound(folder)
        sys.stdout.write(f"{KILLS} more kills while writing: the file is sound {sound} times\n")


if __name__ == "__main__":
    main()
