"""Several viewers at once, at random: each gets what he would get alone, and nothing of others."""

import random
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from providers.psn.sandbox import constants
from providers.registry import Source
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

KEYS = "reader:key-read:read"
VIEWERS: dict[str, Headers] = {
    "the operator": make_bearer_headers("key-read"),
    "the operator's own credential": OWNER_ON_PSN,
    "the second player": SECOND,
    "the second player on PSN": SECOND_ON_PSN,
    "the second player elsewhere": SECOND_ON_RETRO,
    "a wrong credential": {**SECOND_ON_PSN, "x-npsso": "A" * 64},
    "nobody": NO_CREDENTIALS,
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
QUERY_PARTS = (
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
query ($question: String = "", $handle: String!, $everybody: [AccountInput!]!) {
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
    all: user(accounts: $everybody) {
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
Question = tuple[str, str, str, str]


def build_document() -> str:
    """The question of all questions, of which each asks for a part."""
    declared = ", ".join(f"${name}: Boolean = false" for name in QUERY_PARTS)
    return QUERY.replace('$question: String = ""', declared)


def build_request(question: Question) -> tuple[Mapping[str, Any], Headers]:
    """What is sent for it."""
    viewer, part, handle, language = question
    variables = {part: True, "handle": handle, "everybody": ALL_ACCOUNTS}
    return variables, {**VIEWERS[viewer], "Accept-Language": language}


def normalize_response(body: Mapping[str, Any]) -> Any:
    """What an answer says: its data, and what went wrong where."""
    errors = [(str(each.get("path")), each["extensions"]) for each in body.get("errors", ())]
    return body.get("data"), sorted(errors, key=str)


def list_questions() -> list[Question]:
    """Each question that there is."""
    return [
        (viewer, question, handle, language)
        for viewer in VIEWERS
        for question in QUERY_PARTS
        for handle in HANDLES
        for language in LANGUAGES
    ]


class IsolatedServers:
    """What each viewer is told by a server that nobody else asks anything."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stack = stack
        self._folder = folder
        self._servers: dict[str, RunningServer] = {}
        self._responses: dict[Question, Any] = {}

    def get_response(self, question: Question) -> Any:
        """What is said to him; asked once."""
        if question not in self._responses:
            server = self._get_server(f"{question[0]} in {question[3]}")
            self._responses[question] = normalize_response(
                server.execute(build_document(), *build_request(question)).body
            )
        return self._responses[question]

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
        for _ in range(3):
            questions = [chance.choice(list_questions()) for _ in range(120)]
            answers = server.execute_concurrently(
                build_document(), [build_request(each) for each in questions]
            )
            for question, answer in zip(questions, answers, strict=True):
                assert normalize_response(answer.body) == isolated.get_response(question), question


def test_the_questions_distinguish_the_viewers(tmp_path: Path) -> None:
    with ExitStack() as stack:
        isolated = IsolatedServers(stack, tmp_path)
        for question, least_distinct in (
            ("titles", 2),
            ("profile", 2),
            ("viewer", 3),
            ("everywhere", 2),
        ):
            responses = [
                isolated.get_response((viewer, question, constants.OWNER_ACCOUNT_ID, "en-US"))
                for viewer in ("the operator", "the second player", "nobody")
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
            question = (viewer, "titles", constants.OWNER_ACCOUNT_ID, "en-US")
            edges = server.fetch_data(build_document(), *build_request(question))["user"][
                "trophyTitles"
            ]["edges"]
            nodes = [edge["node"] for edge in edges]
            hidden[viewer] = [node["nativeId"] for node in nodes if node["hiddenByOwner"]]
    assert len(hidden["the operator"]) == 1
    assert hidden["the second player"] == []
