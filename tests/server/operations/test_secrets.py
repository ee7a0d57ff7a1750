"""No secret is ever shown: marks are put wherever one can be, and looked for everywhere."""

import base64
import json
import signal
import stat
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from providers.psn.auth.token_store import FILE_NAME
from providers.psn.sandbox import world
from providers.registry import Source
from providers.trophy_so.sandbox import fixture
from tests.asking import configured, leading_to
from tests.server.operations.running import SECONDS, Process, environment, running

READER, WRITER = "mark-key-of-the-reader", "mark-key-of-the-writer"
RATES = {
    name: "9999/1" for source in Source for name in source.value.settings if name.endswith("_RATE")
}

# A caller's own credentials: those that the sandbox accepts, and those that it does not.
CLIENT = {"x-client-id": world.CLIENT_ID, "x-client-secret": world.CLIENT_SECRET}
RETRO, TROPHY = {"x-retroachievements-username": "VegaNorth"}, {"x-trophy-so-user-id": "vega"}
GOOD = [
    {**CLIENT, "x-npsso": world.SECOND_NPSSO},
    {**RETRO, "x-retroachievements-api-key": "sandbox-ra-second-key"},
    {"x-trophy-so-user-id": fixture.SECOND, "x-trophy-so-api-key": fixture.APPLICATION_KEY},
]
BAD = [
    {**CLIENT, "x-npsso": "MarkedNpsso".ljust(64, "0")},
    {**CLIENT, "x-npsso": "mark-npsso-too-short"},
    {**CLIENT, "x-client-secret": "mark-of-a-secret", "x-npsso": world.SECOND_NPSSO},
    {"x-npsso": "mark-npsso-alone"},
    {**RETRO, "x-retroachievements-api-key": "MarkedKey"},
    {"x-retroachievements-api-key": "mark-ra-key-alone"},
    {**TROPHY, "x-trophy-so-api-key": "mark-trophy-key"},
    {**TROPHY, "x-trophy-so-api-key": "mark-trophy-k\u00e9y"},
    {"Authorization": "Bearer mark-of-no-key"},
    {"Authorization": "Bearer mark-of-a-k\u00e9y"},
    {"Authorization": "Basic bWFyay1vZi1hLWJhc2lj"},
    {"Cookie": "npsso=mark-of-a-cookie", "Referer": "https://example/?mark-of-a-referer"},
]
SETTINGS = configured(*Source)
SECRETS = [
    *(SETTINGS[name] for source in Source for name in source.value.secrets),
    *(value for own in GOOD for name, value in own.items() if not name.endswith(("-id", "name"))),
    base64.b64encode(f"{world.CLIENT_ID}:{world.CLIENT_SECRET}".encode()).decode(),
    "sandbox-access.",
    "sandbox-refresh.",
    "sandbox-id.",
]
MARKS = [*SECRETS, READER, WRITER, "mark", "Mark", "bWFyay"]

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
WHO = [{"source": "PSN", "handle": "sample_friend"}]
# An upstream that gives away what it was sent.
ECHO = " ".join(MARKS)
SIGN_IN, ANSWERS = "oauth", "^(?!ca.account)"
# What opens a breaker or ends a sign-in comes last in its row: nothing is asked after it.
FAULTS: list[list[dict[str, Any]]] = [
    [
        {"path": ANSWERS, "status": 403, "body": f"<html>{ECHO}</html>"},
        {"path": ANSWERS, "status": 302, "headers": {"location": "https://elsewhere.example/"}},
        {"path": ANSWERS, "status": 200, "body": f"{ECHO} {{"},
        {"path": ANSWERS, "status": 200, "body": {"error": {"message": ECHO}}},
        {"path": ANSWERS, "truncate": True},
        {"path": ANSWERS, "status": 401, "body": {"error": {"message": ECHO}, "message": ECHO}},
    ],
    [{"path": ANSWERS, "status": 429, "body": ECHO, "headers": {"retry-after": "900"}}],
    [{"path": ANSWERS, "status": 500, "body": {"error": ECHO}}],
    [{"path": ANSWERS, "reset": True}],
    [{"path": ANSWERS, "hang": True}],
    [{"path": SIGN_IN, "status": 400, "body": {"error": ECHO, "error_code": 4165}}],
    [{"path": SIGN_IN, "status": 200, "body": f"{ECHO} {{"}],
    [{"path": SIGN_IN, "status": 500, "body": ECHO}],
]
NAMES = ["refusals", "waiting", "failing", "broken", "hanging", "no", "garbage", "down"]


@dataclass
class Search:
    """Collects all that was answered, to look for marks in it."""

    process: Process
    upstreams: str
    state: Path
    answers: list[str] = field(default_factory=list[str])

    def ask(self, headers: Mapping[str, str], **body: Any) -> Any:
        """Put a question and keep the answer with its headers."""
        fresh = {**headers, "Cache-Control": "no-cache"}
        sent = {"query": QUERY, "variables": {"who": WHO}, **body}
        return self.request("POST", "/graphql", fresh, json=sent).json()

    def ask_together(self, each: Sequence[Mapping[str, str]]) -> None:
        """Put it at once with several headers."""
        with ThreadPoolExecutor(len(each)) as pool:
            assert len(list(pool.map(self.ask, each))) == len(each)

    def request(
        self, method: str, path: str, headers: Mapping[str, str], **options: Any
    ) -> httpx.Response:
        """Any request; its answer is kept."""
        given = [(name.encode(), text.encode()) for name, text in headers.items()]
        address = self.process.address + path
        answer = httpx.request(method, address, headers=given, timeout=SECONDS, **options)
        self.answers.append(f"{answer.status_code} {answer.headers} {answer.text}")
        return answer

    def fault(self, fault: dict[str, Any]) -> None:
        """Switch this fault on, and all others off."""
        control = f"{self.upstreams}/_sandbox/faults"
        httpx.delete(control).raise_for_status()
        httpx.post(control, json=fault).raise_for_status()

    def watch(self) -> None:
        """Read what an operator's tools read."""
        assert self.request("GET", "/metrics", bearer(WRITER)).status_code == 200
        assert self.request("GET", "/readyz", {}).status_code == 200

    def answered(self) -> list[str]:
        """The marks in the answers."""
        return shown("\n".join(self.answers))

    def written(self) -> list[str]:
        """The marks in all that the server has written, but for the store of the tokens."""
        files = [each for each in self.state.rglob("*") if each.is_file()]
        kept = [each.read_text() for each in files if each.name != FILE_NAME]
        return shown("\n".join([self.process.said(), *kept, *(each.name for each in files)]))


def shown(text: str) -> list[str]:
    return [mark for mark in MARKS if mark in text or quote(mark, safe="") in text]


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture(scope="module")
def upstreams() -> Generator[str]:
    """The invented upstreams, as a process of their own."""
    with running("sandbox") as process:
        yield process.address


@pytest.fixture
def search(upstreams: str, tmp_path: Path) -> Generator[Search]:
    """The server as an operator runs it."""
    httpx.delete(f"{upstreams}/_sandbox/faults").raise_for_status()
    state = tmp_path / "state"
    keys = f"reader:{READER}:read,writer:{WRITER}:read+write"
    given = leading_to(upstreams) | SETTINGS | RATES
    given |= {"TROPHYCASE_API_KEYS": keys, "TROPHYCASE_STATE_DIR": str(state)}
    with ExitStack() as stack:
        whole = environment(**given, TROPHYCASE_DEADLINE="2")
        process = stack.enter_context(running("serve", given=whole))
        yield Search(process, upstreams, state)


def test_no_mark_is_shown_while_all_goes_well(search: Search) -> None:
    for headers in (bearer(READER), *GOOD):
        answer = search.ask(headers, query="{ viewer { accounts { displayName } } }")
        assert "errors" not in answer
        assert search.ask(headers)["data"]
    search.watch()
    assert (search.answered(), search.written()) == ([], [])


@pytest.mark.parametrize("faults", FAULTS, ids=NAMES)
def test_no_mark_is_shown_when_upstreams_go_wrong_and_tell_all_they_know(
    search: Search, faults: list[dict[str, Any]]
) -> None:
    for fault in faults:
        search.fault(fault)
        search.ask_together([bearer(READER), *GOOD])
    search.watch()
    assert (search.answered(), search.written()) == ([], [])
    assert len(search.process.operations()) == len(faults) * (1 + len(GOOD))


def test_no_mark_of_a_bad_credential_is_shown(search: Search) -> None:
    for headers in BAD:
        assert search.ask(headers)["errors"]
        assert search.request("GET", "/metrics", headers).status_code == 401
    search.watch()
    assert (search.answered(), search.written()) == ([], [])


def test_what_a_caller_asks_is_not_written_down(search: Search) -> None:
    reader = bearer(READER)
    injected = {"who": [{"source": "PSN", "handle": 'mark\n{"level":"mark"}'}]}
    search.ask(reader, variables=injected)
    search.ask(reader, variables={"who": [{"source": "mark", "handle": "../../mark"}]})
    search.ask(reader, query="{ viewer { mark } }")
    search.ask(reader, query="query { open # mark")
    search.ask(reader, extensions={"persistedQuery": {"version": 1, "sha256Hash": "mark"}})
    search.request("GET", f"/graphql?query=%7B__typename%7D&y={READER}", reader)
    search.request("GET", f"/{READER}?npsso={world.OWNER_NPSSO}", reader)
    search.request("PUT", f"/graphql?y={READER}", reader, content=READER)
    search.request("POST", "/graphql", reader, content=b'{"mark')
    search.watch()
    assert search.written() == []
    assert not set(search.answered()) & set(SECRETS)


def test_a_key_that_is_given_as_a_name_is_hidden(search: Search) -> None:
    npsso = {**CLIENT, "x-npsso": world.SECOND_NPSSO}
    search.ask(bearer(READER), query="{ __typename }", operationName=READER)
    search.ask(npsso, query=f"query {world.SECOND_NPSSO} {{ __typename }}")
    assert [line["operation"] for line in search.process.operations()] == ["***", "***"]
    assert search.written() == []


def test_the_start_and_the_end_show_none(search: Search) -> None:
    search.ask(bearer(READER))
    search.process.popen.send_signal(signal.SIGTERM)
    assert search.process.popen.wait(SECONDS) == 0
    assert search.written() == []
    assert {line["level"] for line in search.process.lines} == {"info"}


def test_only_the_operator_may_read_the_kept_sign_in(search: Search) -> None:
    search.ask(bearer(READER))
    (kept,) = search.state.iterdir()
    assert kept.name == FILE_NAME
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(search.state.stat().st_mode) == 0o700
    assert json.loads(kept.read_text())["tokens"]["refresh"]
    assert world.OWNER_NPSSO not in kept.read_text()
