"""What a server remembers of the one that ran before it: everything, in one file."""

import logging
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from providers.psn.sandbox.constants import FRIEND_ONLINE_ID, OWNER_ACCOUNT_ID
from providers.registry import Source
from server.sandbox.upstreams import SandboxTransport
from tests.benchmarks.queries import ALL_TITLE_FIELDS, OWNER_VARIABLES, build_titles_query
from tests.benchmarks.restart import (
    ask,
    is_sound,
    kill_while_writing,
    serve_upstream,
    start_server,
)
from tests.benchmarks.sandbox_data import add_psn_titles
from tests.harness import (
    NO_CACHE_HEADERS,
    GraphQLResponse,
    RunningServer,
    operator_settings,
    run_server,
)
from tests.server.caller_headers import OWNER_ON_PSN
from tests.server.runtime.server_process import TIMEOUT_SECONDS, Process, start_process

QUERY = build_titles_query(ALL_TITLE_FIELDS)
TITLE_COUNT = 20
# The list, and of each title its groups, definitions and earned state.
ALL_CALLS = {"PSN": 1 + 3 * TITLE_COUNT}

FRIENDS_QUERY = """{
  viewer { accounts { ... on PsnAccount { friends { edges { node { onlineId } } } } } }
}"""
REMOVAL = f"""mutation {{
  removePsnFriend(input: {{ handle: "{FRIEND_ONLINE_ID}" }}) {{ removed {{ onlineId }} }}
}}"""

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class RestartedServer:
    """A server that is started again and again, with the default cache in one directory."""

    folder: Path
    upstreams: SandboxTransport = field(default_factory=SandboxTransport)

    @contextmanager
    def start(self, **settings: str) -> Generator[RunningServer]:
        """Start it with an empty memory."""
        given = {
            **operator_settings(Source.PSN),
            "TROPHYCASE_STATE_DIR": str(self.folder),
            "TROPHYCASE_CACHE_URL": "",
            "PSN_RATE": "10000/1",
            **settings,
        }
        with run_server(self.upstreams, sandbox=False, **given) as server:
            add_psn_titles(server.psn, OWNER_ACCOUNT_ID, TITLE_COUNT)
            server.psn.calls.clear()
            yield server

    def ask(self) -> GraphQLResponse:
        """Start it, ask for whole titles, and stop it."""
        with self.start() as server:
            return server.execute(QUERY, OWNER_VARIABLES)


@pytest.fixture
def restarted_server(tmp_path: Path) -> RestartedServer:
    return RestartedServer(tmp_path)


def pass_time(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make everything older by so many seconds."""
    real_time = time.time
    monkeypatch.setattr(time, "time", lambda: real_time() + seconds)


def test_a_restarted_server_calls_nothing_again(
    restarted_server: RestartedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Holds within the life of the list; after it, the list alone is loaded."""
    before = restarted_server.ask()
    after = restarted_server.ask()
    pass_time(6 * 60, monkeypatch)
    later = restarted_server.ask()
    assert before.upstream_calls == ALL_CALLS
    assert after.upstream_calls == {}
    assert later.upstream_calls == {"PSN": 1}
    assert before.data == after.data == later.data


def test_a_restarted_server_does_not_sign_in_again(restarted_server: RestartedServer) -> None:
    """Holds for an NPSSO in the settings and for callers': tokens are in the file as well."""
    restarted_server.ask()
    (restarted_server.folder / "psn.json").unlink()
    with restarted_server.start() as server:
        server.execute(QUERY, OWNER_VARIABLES, NO_CACHE_HEADERS)
        assert server.psn.calls
        assert not any("/oauth/" in path for path in server.psn.calls)


def test_an_older_list_alone_is_revalidated_after_a_restart(
    restarted_server: RestartedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    restarted_server.ask()
    pass_time(2 * 60, monkeypatch)
    with restarted_server.start() as server:
        server.fetch_data(QUERY, OWNER_VARIABLES)
        server.run(server.shared_services.instrumentation.drain(10))
        assert server.count_upstream_calls() == {"PSN": 1}


def test_a_restarted_server_serves_old_values_while_the_source_fails(
    restarted_server: RestartedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = restarted_server.ask()
    pass_time(3600 * 5, monkeypatch)
    with restarted_server.start() as server:
        server.inject_fault("/trophy", status=503)
        after = server.execute(QUERY, OWNER_VARIABLES)
    assert after.data == before.data


def test_a_server_that_is_killed_while_it_writes_loses_nothing_before(tmp_path: Path) -> None:
    """Holds for real processes, and leaves a file without damage."""
    with serve_upstream() as upstream:
        before = kill_while_writing(upstream, tmp_path, calls_before=60)
        with start_server(upstream, tmp_path) as process:
            after = ask(process)
            assert not any("cache file" in str(line) for line in process.lines)
    assert is_sound(tmp_path)
    assert (before.calls, after.calls) == (61, 0)
    assert after.data == before.data


def test_what_a_write_has_changed_is_not_read_again_after_a_kill(tmp_path: Path) -> None:
    """Holds for a process that is killed as soon as its client has the answer."""
    with serve_upstream() as upstream:
        with start_server(upstream, tmp_path) as process:
            before = send(process, FRIENDS_QUERY)
            removed = send(process, REMOVAL)
        with start_server(upstream, tmp_path) as process:
            after = send(process, FRIENDS_QUERY)
    assert FRIEND_ONLINE_ID in str(before)
    assert FRIEND_ONLINE_ID in str(removed)
    assert FRIEND_ONLINE_ID not in str(after)


def send(process: Process, query: str) -> Any:
    """Send an operation with the caller's own credential, and return its data."""
    response = httpx.post(
        f"{process.address}/graphql",
        json={"query": query},
        headers=OWNER_ON_PSN,
        timeout=TIMEOUT_SECONDS,
        trust_env=False,
    )
    body = response.json()
    assert "errors" not in body, body["errors"]
    return body["data"]


def test_workers_make_the_calls_of_one_process(tmp_path: Path) -> None:
    with (
        serve_upstream() as upstream,
        start_process(
            "serve", "--workers", "2", env=upstream.build_environment(tmp_path)
        ) as process,
        ThreadPoolExecutor(4) as executor,
    ):
        answers = list(executor.map(ask, [process] * 12))
        assert upstream.count_calls() == 61
    assert all(answer.data == answers[0].data for answer in answers)


def test_the_sandbox_remembers_nothing_unless_it_is_told_to(tmp_path: Path) -> None:
    given = {"TROPHYCASE_STATE_DIR": str(tmp_path), "TROPHYCASE_CACHE_URL": ""}
    with run_server(sandbox=True, **given) as server:
        assert server.execute(QUERY, OWNER_VARIABLES).upstream_calls != {}
    assert list(tmp_path.iterdir()) == []
    given["TROPHYCASE_CACHE_URL"] = f"sqlite://{tmp_path}/sandbox.db"
    calls: list[dict[str, int]] = []
    for _ in range(2):
        with run_server(sandbox=True, **given) as server:
            calls.append(server.execute(QUERY, OWNER_VARIABLES).upstream_calls)
    assert calls[0] != {}
    assert calls[1] == {}


def test_a_server_with_another_secret_reads_nothing_of_the_file(
    restarted_server: RestartedServer,
) -> None:
    restarted_server.ask()
    (restarted_server.folder / "cache-secret").unlink()
    assert restarted_server.ask().upstream_calls == ALL_CALLS


def test_without_a_state_directory_the_server_starts_and_says_it_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Holds for the file that no setting asks for."""
    folder = tmp_path / "state"
    folder.write_text("not a directory")
    with caplog.at_level(logging.WARNING):
        assert RestartedServer(folder).ask().upstream_calls == ALL_CALLS
    lines = [each.getMessage() for each in caplog.records if "restart" in each.getMessage()]
    assert len(lines) == 1
    assert lines[0].startswith("Nothing is remembered over a restart: TROPHYCASE_CACHE_SECRET: ")
