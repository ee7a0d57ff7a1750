"""No secret is ever shown: markers are put wherever one can be, and looked for everywhere."""

import base64
import json
import signal
import stat
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from providers.psn.auth.token_store import FILE_NAME
from providers.psn.sandbox import constants
from providers.registry import Source
from providers.trophy_so.sandbox import constants as trophy_so_constants
from tests.harness import operator_settings, sandbox_url_settings
from tests.server.runtime.server_process import (
    TIMEOUT_SECONDS,
    Process,
    build_environment,
    start_process,
)

pytestmark = pytest.mark.slow

READER_KEY, WRITER_KEY = "mark-key-of-the-reader", "mark-key-of-the-writer"
RATES = {
    name: "9999/1" for source in Source for name in source.value.settings if name.endswith("_RATE")
}

# A caller's own credentials: those that the sandbox accepts, and those that it does not.
CLIENT_HEADERS = {"x-client-id": constants.CLIENT_ID, "x-client-secret": constants.CLIENT_SECRET}
RETRO_HEADERS, TROPHY_SO_HEADERS = (
    {"x-retroachievements-username": "VegaNorth"},
    {"x-trophy-so-user-id": "vega"},
)
ACCEPTED_CREDENTIALS = [
    {**CLIENT_HEADERS, "x-npsso": constants.SECOND_NPSSO},
    {**RETRO_HEADERS, "x-retroachievements-api-key": "sandbox-ra-second-key"},
    {
        "x-trophy-so-user-id": trophy_so_constants.SECOND_ID,
        "x-trophy-so-api-key": trophy_so_constants.APPLICATION_KEY,
    },
]
REJECTED_CREDENTIALS = [
    {**CLIENT_HEADERS, "x-npsso": "MarkedNpsso".ljust(64, "0")},
    {**CLIENT_HEADERS, "x-npsso": "mark-npsso-too-short"},
    {**CLIENT_HEADERS, "x-client-secret": "mark-of-a-secret", "x-npsso": constants.SECOND_NPSSO},
    {"x-npsso": "mark-npsso-alone"},
    {**RETRO_HEADERS, "x-retroachievements-api-key": "MarkedKey"},
    {"x-retroachievements-api-key": "mark-ra-key-alone"},
    {**TROPHY_SO_HEADERS, "x-trophy-so-api-key": "mark-trophy-key"},
    {**TROPHY_SO_HEADERS, "x-trophy-so-api-key": "mark-trophy-k\u00e9y"},
    {"Authorization": "Bearer mark-of-no-key"},
    {"Authorization": "Bearer mark-of-a-k\u00e9y"},
    {"Authorization": "Basic bWFyay1vZi1hLWJhc2lj"},
    {"Cookie": "npsso=mark-of-a-cookie", "Referer": "https://example/?mark-of-a-referer"},
]
SETTINGS = {**operator_settings(*Source), "TROPHY_SO_WEBHOOK_SECRET": "mark-of-a-webhook"}
SECRETS = [
    *(SETTINGS[name] for source in Source for name in source.value.secrets),
    *(
        value
        for own in ACCEPTED_CREDENTIALS
        for name, value in own.items()
        if not name.endswith(("-id", "name"))
    ),
    base64.b64encode(f"{constants.CLIENT_ID}:{constants.CLIENT_SECRET}".encode()).decode(),
    "sandbox-access.",
    "sandbox-refresh.",
    "sandbox-id.",
]
MARKERS = [*SECRETS, READER_KEY, WRITER_KEY, "mark", "Mark", "bWFyay"]

QUERY = """
query Ask($who: [AccountInput!]!) {
  viewer {
    accounts { displayName }
    achievements(first: 5) { edges { node { name } } sources { message } }
    trophyTitles(first: 5) { edges { node { name } } }
    totals { source }
  }
  user(accounts: $who) { displayName trophyTitles(first: 2) { edges { node { name } } } }
}
"""
ACCOUNTS = [{"source": "PSN", "handle": "sample_friend"}]
# A response that echoes the request.
ECHO = " ".join(MARKERS)
SIGN_IN_PATH, API_PATHS = "oauth", "^(?!ca.account)"
# The last fault of each list opens a circuit breaker or ends a sign-in: no call follows it.
FAULTS: list[list[dict[str, Any]]] = [
    [
        {"path": API_PATHS, "status": 403, "body": f"<html>{ECHO}</html>"},
        {"path": API_PATHS, "status": 302, "headers": {"location": "https://elsewhere.example/"}},
        {"path": API_PATHS, "status": 200, "body": f"{ECHO} {{"},
        {"path": API_PATHS, "status": 200, "body": {"error": {"message": ECHO}}},
        {"path": API_PATHS, "truncate": True},
        {"path": API_PATHS, "status": 401, "body": {"error": {"message": ECHO}, "message": ECHO}},
    ],
    [{"path": API_PATHS, "status": 429, "body": ECHO, "headers": {"retry-after": "900"}}],
    [{"path": API_PATHS, "status": 500, "body": {"error": ECHO}}],
    [{"path": API_PATHS, "reset": True}],
    [{"path": API_PATHS, "hang": True}],
    [{"path": SIGN_IN_PATH, "status": 400, "body": {"error": ECHO, "error_code": 4165}}],
    [{"path": SIGN_IN_PATH, "status": 200, "body": f"{ECHO} {{"}],
    [{"path": SIGN_IN_PATH, "status": 500, "body": ECHO}],
]
FAULT_NAMES = ["refusals", "waiting", "failing", "broken", "hanging", "no", "garbage", "down"]


@dataclass
class SecretSearch:
    """Sends requests, and collects the responses to look for markers in them."""

    process: Process
    upstreams_url: str
    state: Path
    responses: list[str] = field(default_factory=list[str])

    def ask(self, headers: Mapping[str, str], **body: Any) -> Any:
        """Send an operation, and keep the response with its headers."""
        fresh = {**headers, "Cache-Control": "no-cache"}
        sent = {"query": QUERY, "variables": {"who": ACCOUNTS}, **body}
        return self.request("POST", "/graphql", fresh, json=sent).json()

    def ask_together(self, each: Sequence[Mapping[str, str]]) -> None:
        """Send the operation concurrently with several headers."""
        with ThreadPoolExecutor(len(each)) as pool:
            assert len(list(pool.map(self.ask, each))) == len(each)

    def request(
        self, method: str, path: str, headers: Mapping[str, str], **options: Any
    ) -> httpx.Response:
        """Send a request, and keep its response."""
        given = [(name.encode(), text.encode()) for name, text in headers.items()]
        address = self.process.address + path
        answer = httpx.request(method, address, headers=given, timeout=TIMEOUT_SECONDS, **options)
        self.responses.append(f"{answer.status_code} {answer.headers} {answer.text}")
        return answer

    def enable_fault(self, fault: dict[str, Any]) -> None:
        """Enable this fault, and disable all others."""
        control = f"{self.upstreams_url}/_sandbox/faults"
        httpx.delete(control).raise_for_status()
        httpx.post(control, json=fault).raise_for_status()

    def read_operator_endpoints(self) -> None:
        """Request what an operator's tools request."""
        assert self.request("GET", "/metrics", make_bearer_headers(WRITER_KEY)).status_code == 200
        assert self.request("GET", "/readyz", {}).status_code == 200

    def find_in_responses(self) -> list[str]:
        """Return the markers in the responses."""
        return find_markers("\n".join(self.responses))

    def find_in_output(self) -> list[str]:
        """Return the markers in everything the server has written, except the token store."""
        files = [each for each in self.state.rglob("*") if each.is_file()]
        contents = [each.read_text() for each in files if each.name != FILE_NAME]
        return find_markers(
            "\n".join([self.process.read_all_output(), *contents, *(each.name for each in files)])
        )


def find_markers(text: str) -> list[str]:
    return [mark for mark in MARKERS if mark in text or quote(mark, safe="") in text]


def make_bearer_headers(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture(scope="module")
def upstreams() -> Generator[str]:
    """Serve the sandbox in a process of its own."""
    with start_process("sandbox") as process:
        yield process.address


@contextmanager
def start_search(upstreams: str, folder: Path, **settings: str) -> Generator[SecretSearch]:
    """Run the server as an operator does, over upstreams without faults."""
    httpx.delete(f"{upstreams}/_sandbox/faults").raise_for_status()
    state = folder / "state"
    keys = f"reader:{READER_KEY}:read,writer:{WRITER_KEY}:read+write"
    given = sandbox_url_settings(upstreams) | SETTINGS | RATES | settings
    given |= {"TROPHYCASE_API_KEYS": keys, "TROPHYCASE_STATE_DIR": str(state)}
    with start_process("serve", env=build_environment(**given)) as process:
        yield SecretSearch(process, upstreams, state)


@pytest.fixture(scope="module")
def running(upstreams: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[SecretSearch]:
    """Start one server for all tests that do not change it."""
    with start_search(upstreams, tmp_path_factory.mktemp("redaction")) as search:
        yield search


@pytest.fixture
def search(running: SecretSearch) -> SecretSearch:
    """Return that server without the responses of earlier tests."""
    httpx.delete(f"{running.upstreams_url}/_sandbox/faults").raise_for_status()
    running.responses.clear()
    return running


def test_no_marker_is_shown_on_success(search: SecretSearch) -> None:
    for headers in (make_bearer_headers(READER_KEY), *ACCEPTED_CREDENTIALS):
        answer = search.ask(headers, query="{ viewer { accounts { displayName } } }")
        assert "errors" not in answer
        assert search.ask(headers)["data"]
    search.read_operator_endpoints()
    assert (search.find_in_responses(), search.find_in_output()) == ([], [])


@pytest.mark.parametrize("faults", FAULTS, ids=FAULT_NAMES)
def test_no_marker_is_shown_when_upstreams_fail_and_echo_requests(
    upstreams: str, tmp_path: Path, faults: list[dict[str, Any]]
) -> None:
    deadline = "1" if "hang" in faults[0] else "10"
    with start_search(upstreams, tmp_path, TROPHYCASE_DEADLINE=deadline) as search:
        for fault in faults:
            search.enable_fault(fault)
            search.ask_together([make_bearer_headers(READER_KEY), *ACCEPTED_CREDENTIALS])
        search.read_operator_endpoints()
        assert (search.find_in_responses(), search.find_in_output()) == ([], [])
        operations = search.process.list_operation_lines()
        assert len(operations) == len(faults) * (1 + len(ACCEPTED_CREDENTIALS))


def test_no_marker_of_a_bad_credential_is_shown(search: SecretSearch) -> None:
    for headers in REJECTED_CREDENTIALS:
        assert search.ask(headers)["errors"]
        assert search.request("GET", "/metrics", headers).status_code == 401
    search.read_operator_endpoints()
    assert (search.find_in_responses(), search.find_in_output()) == ([], [])


def test_request_contents_are_not_logged(search: SecretSearch) -> None:
    reader = make_bearer_headers(READER_KEY)
    injected = {"who": [{"source": "PSN", "handle": 'mark\n{"level":"mark"}'}]}
    search.ask(reader, variables=injected)
    search.ask(reader, variables={"who": [{"source": "mark", "handle": "../../mark"}]})
    search.ask(reader, query="{ viewer { mark } }")
    search.ask(reader, query="query { open # mark")
    search.ask(reader, extensions={"persistedQuery": {"version": 1, "sha256Hash": "mark"}})
    search.request("GET", f"/graphql?query=%7B__typename%7D&y={READER_KEY}", reader)
    search.request("GET", f"/{READER_KEY}?npsso={constants.OWNER_NPSSO}", reader)
    search.request("PUT", f"/graphql?y={READER_KEY}", reader, content=READER_KEY)
    search.request("POST", "/graphql", reader, content=b'{"mark')
    search.read_operator_endpoints()
    assert search.find_in_output() == []
    assert not set(search.find_in_responses()) & set(SECRETS)


def test_a_key_as_operation_name_is_redacted(search: SecretSearch) -> None:
    npsso = {**CLIENT_HEADERS, "x-npsso": constants.SECOND_NPSSO}
    search.ask(make_bearer_headers(READER_KEY), query="{ __typename }", operationName=READER_KEY)
    search.ask(npsso, query=f"query {constants.SECOND_NPSSO} {{ __typename }}")
    operations = search.process.list_operation_lines()[-2:]
    assert [line["operation"] for line in operations] == ["***", "***"]
    assert search.find_in_output() == []


def test_startup_and_shutdown_show_no_marker(upstreams: str, tmp_path: Path) -> None:
    with start_search(upstreams, tmp_path) as search:
        search.ask(make_bearer_headers(READER_KEY))
        search.process.popen.send_signal(signal.SIGTERM)
        assert search.process.popen.wait(TIMEOUT_SECONDS) == 0
        assert search.find_in_output() == []
        # A line says so when the tests run as root.
        lines = [line for line in search.process.lines if line["logger"] != "trophycase.process"]
        assert {line["level"] for line in lines} == {"info"}


def test_only_the_operator_may_read_the_stored_tokens(search: SecretSearch) -> None:
    search.ask(make_bearer_headers(READER_KEY))
    (token_file,) = search.state.iterdir()
    assert token_file.name == FILE_NAME
    assert stat.S_IMODE(token_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(search.state.stat().st_mode) == 0o700
    assert json.loads(token_file.read_text())["tokens"]["refresh"]
    assert constants.OWNER_NPSSO not in token_file.read_text()
