"""Concurrent viewers get the same responses as alone, and no data of each other."""

import random
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from providers.psn.sandbox import constants
from providers.registry import Source
from server.concurrency_limit import MAX_CONCURRENT_STRANGERS
from tests.harness import RunningServer, operator_settings, run_server
from tests.server.caller_headers import (
    NO_CREDENTIALS,
    OWNER_ON_PSN,
    SECOND,
    SECOND_ON_PSN,
    SECOND_ON_RETRO,
    Headers,
    make_bearer_headers,
)

pytestmark = pytest.mark.slow

KEYS = "reader:key-of-the-reader:read"
VIEWERS: dict[str, Headers] = {
    "the operator": make_bearer_headers("key-of-the-reader"),
    "the operator's own credential": OWNER_ON_PSN,
    "the second player": SECOND,
    "the second player on PSN": SECOND_ON_PSN,
    "the second player elsewhere": SECOND_ON_RETRO,
    "a wrong credential": {**SECOND_ON_PSN, "x-npsso": "A" * 64},
    "without credentials": NO_CREDENTIALS,
}
LANGUAGES = ("en-US", "de-DE")
HANDLES = (
    "me",
    constants.OWNER_ACCOUNT_ID,
    constants.OWNER_ONLINE_ID,
    constants.SECOND_ACCOUNT_ID,
    constants.FRIEND_ONLINE_ID,
    constants.STRANGER_ACCOUNT_ID,
)
PARTS = (
    "titles",
    "profile",
    "friends",
    "presence",
    "games",
    "groups",
    "level",
    "achievements",
    "viewer",
    "campaigns",
    "everywhere",
)
QUERY = """
query ($parts: Boolean = false, $handle: String!, $allAccounts: [AccountInput!]!) {
  user(accounts: [{ source: PSN, handle: $handle }]) {
    ... @include(if: $titles) {
      trophyTitles(first: 100) {
        totalCount
        edges { node { nativeId name hiddenByOwner progress } }
        sources { state }
      }
    }
    ... @include(if: $achievements) {
      achievements(first: 30) { edges { node { name earnedAt } } sources { state } }
    }
    ... @include(if: $campaigns) { campaigns { name status } }
    accounts { ... on PsnAccount {
      ... @include(if: $profile) { onlineId accountId npId aboutMe friendRelation }
      ... @include(if: $presence) { presence { onlineStatus titleName } }
      ... @include(if: $friends) {
        friends(first: 20) { totalCount edges { node { onlineId } } sources { state } }
      }
      ... @include(if: $games) {
        playedGames(first: 20) {
          totalCount
          edges { node { name playCount trophyTitles { nativeId name } } }
          sources { state }
        }
      }
      ... @include(if: $groups) {
        messageGroups { totalCount edges { node { name } } sources { state } }
      }
      ... @include(if: $level) { trophySummary { level points } }
    } }
  }
  ... @include(if: $viewer) { viewer { displayName accounts { source handle nativeId } } }
  ... @include(if: $everywhere) {
    all: user(accounts: $allAccounts) {
      trophyTitles(first: 100) { edges { node { source nativeId progress } } sources { state } }
      awards(first: 20) { edges { node { id awardedAt } } sources { state } }
    }
  }
}"""
ALL_ACCOUNTS = [
    {"source": "PSN", "handle": constants.OWNER_ACCOUNT_ID},
    {"source": "RETRO_ACHIEVEMENTS", "handle": "VegaNorth"},
    {"source": "TROPHY_SO", "handle": "vega"},
]
RequestCase = tuple[str, str, str, str]


def build_document() -> str:
    """Return a document with all parts, of which the variables include one."""
    declared = ", ".join(f"${name}: Boolean = false" for name in PARTS)
    return QUERY.replace("$parts: Boolean = false", declared)


def build_request(case: RequestCase) -> tuple[Mapping[str, Any], Headers]:
    """Return the variables and headers of a request."""
    viewer, part, handle, language = case
    variables = {part: True, "handle": handle, "allAccounts": ALL_ACCOUNTS}
    return variables, {**VIEWERS[viewer], "Accept-Language": language}


def normalize_response(body: Mapping[str, Any]) -> Any:
    """Return the data and the sorted errors of a response."""
    errors = [(str(each.get("path")), each["extensions"]) for each in body.get("errors", ())]
    return body.get("data"), sorted(errors, key=str)


def list_cases() -> list[RequestCase]:
    """Return every combination of viewer, part, handle and language."""
    return [
        (viewer, part, handle, language)
        for viewer in VIEWERS
        for part in PARTS
        for handle in HANDLES
        for language in LANGUAGES
    ]


class IsolatedServers:
    """The responses that each viewer gets from a server of their own."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stack = stack
        self._folder = folder
        self._servers: dict[str, RunningServer] = {}
        self._responses: dict[RequestCase, Any] = {}

    def get_response(self, case: RequestCase) -> Any:
        """Return the response to a request, which is sent only once."""
        if case not in self._responses:
            server = self._get_server(f"{case[0]} in {case[3]}")
            self._responses[case] = normalize_response(
                server.execute(build_document(), *build_request(case)).body
            )
        return self._responses[case]

    def _get_server(self, name: str) -> RunningServer:
        if name not in self._servers:
            settings = _build_settings(self._folder / name)
            self._servers[name] = self._stack.enter_context(run_server(**settings))
        return self._servers[name]


def _build_settings(folder: Path) -> dict[str, Any]:
    given = {**operator_settings(*Source), "TROPHYCASE_STATE_DIR": str(folder)}
    return {"sandbox": False, **given, "TROPHYCASE_API_KEYS": KEYS}


@pytest.mark.parametrize("seed", [20261101, 4711])
def test_concurrent_viewers_get_the_same_responses_as_alone(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    with ExitStack() as stack:
        isolated = IsolatedServers(stack, tmp_path)
        server = stack.enter_context(run_server(**_build_settings(tmp_path / "together")))
        for headers in VIEWERS.values():  # accepted once, they are no strangers any more
            server.execute("{ viewer { displayName } }", headers=headers)
        for _ in range(3):
            chosen = [chance.choice(list_cases()) for _ in range(120)]
            wrong = [each for each in chosen if each[0] == "a wrong credential"]
            cases = [each for each in chosen if each not in wrong] + wrong[
                :MAX_CONCURRENT_STRANGERS
            ]
            answers = server.execute_concurrently(
                build_document(), [build_request(each) for each in cases]
            )
            for case, answer in zip(cases, answers, strict=True):
                assert normalize_response(answer.body) == isolated.get_response(case), case


def test_the_questions_distinguish_the_viewers(tmp_path: Path) -> None:
    with ExitStack() as stack:
        isolated = IsolatedServers(stack, tmp_path)
        for part, least_distinct in (
            ("titles", 2),
            ("profile", 2),
            ("viewer", 3),
            ("everywhere", 2),
        ):
            responses = [
                isolated.get_response((viewer, part, constants.OWNER_ACCOUNT_ID, "en-US"))
                for viewer in ("the operator", "the second player", "without credentials")
            ]
            assert len({str(each) for each in responses}) >= least_distinct
        spoken = [
            isolated.get_response(("the operator", "games", "me", each)) for each in LANGUAGES
        ]
        assert spoken[0] != spoken[1]


def test_hidden_titles_are_shown_to_their_owner_alone(tmp_path: Path) -> None:
    hidden: dict[str, list[str]] = {}
    with run_server(**_build_settings(tmp_path)) as server:
        for viewer in ("the operator", "the second player") * 2:
            case = (viewer, "titles", constants.OWNER_ACCOUNT_ID, "en-US")
            edges = server.fetch_data(build_document(), *build_request(case))["user"][
                "trophyTitles"
            ]["edges"]
            nodes = [edge["node"] for edge in edges]
            hidden[viewer] = [node["nativeId"] for node in nodes if node["hiddenByOwner"]]
    assert len(hidden["the operator"]) == 1
    assert hidden["the second player"] == []
