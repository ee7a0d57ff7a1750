"""Several viewers at once, at random: each gets what he would get alone, and nothing of others."""

import random
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from providers.psn.sandbox import world
from providers.registry import Source
from tests.asking import Server, configured, serving
from tests.server.credentials.people import (
    NOBODY,
    OWNER_ON_PSN,
    SECOND,
    SECOND_ON_PSN,
    SECOND_ON_RETRO,
    Headers,
    bearing,
)

KEYS = "reader:key-read:read"
VIEWERS: dict[str, Headers] = {
    "the operator": bearing("key-read"),
    "the operator's own credential": OWNER_ON_PSN,
    "the second player": SECOND,
    "the second player on PSN": SECOND_ON_PSN,
    "the second player elsewhere": SECOND_ON_RETRO,
    "a wrong credential": {**SECOND_ON_PSN, "x-npsso": "A" * 64},
    "nobody": NOBODY,
}
LANGUAGES = ("en-US", "de-DE")
PEOPLE = (
    "me",
    world.OWNER_ACCOUNT_ID,
    world.OWNER_ONLINE_ID,
    world.SECOND_ACCOUNT_ID,
    world.FRIEND_ONLINE_ID,
    world.STRANGER_ACCOUNT_ID,
)
QUESTIONS = (
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
EVERYBODY = [
    {"source": "PSN", "handle": world.OWNER_ACCOUNT_ID},
    {"source": "RETRO_ACHIEVEMENTS", "handle": "VegaNorth"},
    {"source": "TROPHY_SO", "handle": "vega"},
]
Asked = tuple[str, str, str, str]


def document() -> str:
    """The question of all questions, of which each asks for a part."""
    declared = ", ".join(f"${name}: Boolean = false" for name in QUESTIONS)
    return QUERY.replace('$question: String = ""', declared)


def put(question: Asked) -> tuple[Mapping[str, Any], Headers]:
    """What is sent for it."""
    viewer, wanted, handle, language = question
    variables = {wanted: True, "handle": handle, "everybody": EVERYBODY}
    return variables, {**VIEWERS[viewer], "Accept-Language": language}


def said(body: Mapping[str, Any]) -> Any:
    """What an answer says: its data, and what went wrong where."""
    errors = [(str(each.get("path")), each["extensions"]) for each in body.get("errors", ())]
    return body.get("data"), sorted(errors, key=str)


def every() -> list[Asked]:
    """Each question that there is."""
    return [
        (viewer, question, handle, language)
        for viewer in VIEWERS
        for question in QUESTIONS
        for handle in PEOPLE
        for language in LANGUAGES
    ]


class Alone:
    """What each viewer is told by a server that nobody else asks anything."""

    def __init__(self, running: ExitStack, folder: Path) -> None:
        self._running = running
        self._folder = folder
        self._servers: dict[str, Server] = {}
        self._told: dict[Asked, Any] = {}

    def told(self, question: Asked) -> Any:
        """What is said to him; asked once."""
        if question not in self._told:
            server = self._server(f"{question[0]} in {question[3]}")
            self._told[question] = said(server.ask(document(), *put(question)).body)
        return self._told[question]

    def _server(self, name: str) -> Server:
        if name not in self._servers:
            settings = _settings(self._folder / name)
            self._servers[name] = self._running.enter_context(serving(**settings))
        return self._servers[name]


def _settings(folder: Path) -> dict[str, Any]:
    given = {**configured(*Source), "TROPHYCASE_STATE_DIR": str(folder)}
    return {"sandbox": False, **given, "TROPHYCASE_API_KEYS": KEYS}


@pytest.mark.parametrize("seed", [20261101, 4711])
def test_everybody_at_once_is_told_what_he_is_told_alone(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    with ExitStack() as running:
        alone = Alone(running, tmp_path)
        server = running.enter_context(serving(**_settings(tmp_path / "together")))
        for _ in range(3):
            asked = [chance.choice(every()) for _ in range(120)]
            answers = server.together(document(), [put(each) for each in asked])
            for question, answer in zip(asked, answers, strict=True):
                assert said(answer.body) == alone.told(question), question


def test_the_questions_tell_the_viewers_apart(tmp_path: Path) -> None:
    with ExitStack() as running:
        alone = Alone(running, tmp_path)
        for question, differ in (("titles", 2), ("profile", 2), ("viewer", 3), ("everywhere", 2)):
            told = [
                alone.told((viewer, question, world.OWNER_ACCOUNT_ID, "en-US"))
                for viewer in ("the operator", "the second player", "nobody")
            ]
            assert len({str(each) for each in told}) >= differ
        spoken = [alone.told(("the operator", "games", "me", each)) for each in LANGUAGES]
        assert spoken[0] != spoken[1]


def test_hidden_titles_are_their_owners_whoever_asked_before(tmp_path: Path) -> None:
    hidden: dict[str, list[str]] = {}
    with serving(**_settings(tmp_path)) as server:
        for viewer in ("the operator", "the second player") * 2:
            question = (viewer, "titles", world.OWNER_ACCOUNT_ID, "en-US")
            edges = server.data(document(), *put(question))["user"]["trophyTitles"]["edges"]
            nodes = [edge["node"] for edge in edges]
            hidden[viewer] = [node["nativeId"] for node in nodes if node["hiddenByOwner"]]
    assert len(hidden["the operator"]) == 1
    assert hidden["the second player"] == []
