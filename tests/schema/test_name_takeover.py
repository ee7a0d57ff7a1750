"""A RetroAchievements name passes to another account: ids and cursors keep the first one."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from providers.retroachievements.sandbox.models import Member, Unlock
from schema.global_id import decode
from tests.harness import NO_CACHE_HEADERS, RunningServer

NAME, OWN_NAME = "SecondSam", "VegaNorth"
NEWCOMER_ULID = "01HNEWC0MER07Q2M4X6Z8B0C9Z"
ACCOUNT = "id ulid displayName"
TITLE = "id earnedCount achievements(state: EARNED) { id nativeId } groups { id }"
AWARD = "id name awardedAt"
EVERYTHING = f"""
query ($accounts: [AccountInput!]!) {{
  user(accounts: $accounts) {{
    id
    accounts {{ ... on RetroAchievementsAccount {{ {ACCOUNT} }} }}
    trophyTitles(first: 100) {{ edges {{ node {{ {TITLE} }} }} }}
    achievements(first: 100) {{ edges {{ node {{ id earnedAt title {{ id }} }} }} }}
    awards(first: 100) {{ edges {{ node {{ {AWARD} }} }} }}
  }}
}}
"""
WITHOUT_IDS = """
query ($accounts: [AccountInput!]!) {
  user(accounts: $accounts) {
    trophyTitles(first: 100) { edges { node { nativeId earnedCount } } }
  }
}
"""
NODE_FIELDS = f"""
    __typename id
    ... on User {{ accounts {{ ... on RetroAchievementsAccount {{ ulid }} }} }}
    ... on RetroAchievementsAccount {{ ulid }}
    ... on TrophyTitle {{ {TITLE} }}
    ... on TrophyGroup {{ achievements(state: EARNED) {{ id }} }}
    ... on Achievement {{ earned earnedAt }}
    ... on Award {{ {AWARD} }}
"""
NODES = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ {NODE_FIELDS} }} }}"
ENTITIES = f"""
query ($these: [_Any!]!) {{
  _entities(representations: $these) {{ ... on Node {{ {NODE_FIELDS} }} }}
}}
"""


@dataclass(frozen=True)
class Takeover:
    """A server on which a name passes from its first holder to another account."""

    server: RunningServer
    name: str
    monkeypatch: pytest.MonkeyPatch

    def wait(self, seconds: float) -> None:
        """Let time pass for the cache."""
        now = time.time
        self.monkeypatch.setattr("time.time", lambda: now() + seconds)

    @property
    def accounts(self) -> list[dict[str, str]]:
        return [{"source": "RETRO_ACHIEVEMENTS", "handle": self.name}]

    def pass_on(self) -> Member:
        """Rename the holder, and let another account take the name; return the first holder."""
        members = self.server.retro.database.members
        first = self.server.retro.database.find_member(self.name)
        assert first is not None
        renamed = replace(first, name="MovedAway", original_name="")
        unlocks = {10108: Unlock(datetime(2026, 11, 1, tzinfo=UTC))}
        newcomer = Member(9001, self.name, NEWCOMER_ULID, "2026-10-01 00:00:00", unlocks=unlocks)
        members[members.index(first)] = renamed
        members.append(newcomer)
        return renamed

    def fetch(self, query: str = EVERYTHING, *, no_cache: bool = False) -> Any:
        headers = NO_CACHE_HEADERS if no_cache else None
        return self.server.fetch_data(query, {"accounts": self.accounts}, headers)["user"]


@pytest.fixture(params=[NAME, OWN_NAME], ids=["another's", "own"])
def takeover(
    request: pytest.FixtureRequest, server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> Takeover:
    return Takeover(server, request.param, monkeypatch)


def iterate_ids(found: Any) -> Iterator[str]:
    """Yield all ids in a response."""
    if isinstance(found, list):
        for each in cast("list[Any]", found):
            yield from iterate_ids(each)
    elif isinstance(found, dict):
        for name, value in cast("dict[str, Any]", found).items():
            yield from [value] if name == "id" else iterate_ids(value)


def list_ids(found: Any) -> list[str]:
    return list(dict.fromkeys(iterate_ids(found)))


def get_ulids(found: Any) -> set[str]:
    """Return the account ids that the ids in a response contain."""
    parts = [decode(each, "id") for each in iterate_ids(found)]
    return {kept[2] for kept in parts}


@pytest.mark.slow
@pytest.mark.parametrize("no_cache", [False, True], ids=["cached", "no cache"])
def test_ids_from_before_show_the_first_account_for_ever(
    takeover: Takeover, *, no_cache: bool
) -> None:
    ids = list_ids(takeover.fetch())[:100]
    before = takeover.server.fetch_data(NODES, {"ids": ids})["nodes"]
    first = takeover.pass_on()
    takeover.wait(0 if no_cache else 8 * 86_400)

    headers = NO_CACHE_HEADERS if no_cache else None
    after = takeover.server.fetch_data(NODES, {"ids": ids}, headers)["nodes"]

    assert after == before
    assert {each["ulid"] for each in after if "ulid" in each} == {first.ulid}


@pytest.mark.slow
def test_references_from_before_show_the_first_account(takeover: Takeover) -> None:
    ids = list_ids(takeover.fetch())[:100]
    nodes = takeover.server.fetch_data(NODES, {"ids": ids})["nodes"]
    references = [{"__typename": each["__typename"], "id": each["id"]} for each in nodes]
    takeover.pass_on()

    found = takeover.server.fetch_data(ENTITIES, {"these": references}, NO_CACHE_HEADERS)

    assert found["_entities"] == nodes


@pytest.mark.slow
def test_the_name_leads_to_its_new_holder_with_other_ids(takeover: Takeover) -> None:
    before = takeover.fetch()
    first = takeover.pass_on()

    after = takeover.fetch(no_cache=True)

    assert get_ulids(before) == {first.ulid}
    assert get_ulids(after) == {NEWCOMER_ULID}
    assert [edge["node"]["earnedCount"] for edge in after["trophyTitles"]["edges"]] == [1]
    assert set(list_ids(before)).isdisjoint(list_ids(after))


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [1, 70, 400, 3000, 3700])
@pytest.mark.parametrize("loads_profile", [False, True], ids=["without profile", "with profile"])
def test_cached_data_of_one_account_never_come_under_ids_of_the_other(
    takeover: Takeover, seconds: int, *, loads_profile: bool
) -> None:
    expected = {each["id"]: each for each in iterate_titles(takeover.fetch())}
    first = takeover.pass_on()
    takeover.wait(seconds)
    if loads_profile:
        takeover.fetch("query ($accounts: [AccountInput!]!) { user(accounts: $accounts) { id } }")
    takeover.fetch(WITHOUT_IDS, no_cache=loads_profile)

    found = takeover.fetch()

    ulids = {decode(each["id"], "id")[2] for each in iterate_titles(found)}
    assert ulids in ({first.ulid}, {NEWCOMER_ULID})
    if ulids == {first.ulid}:
        assert {each["id"]: each for each in iterate_titles(found)} == expected
    else:
        assert [each["earnedCount"] for each in iterate_titles(found)] == [1]


def iterate_titles(found: Any) -> Iterator[Any]:
    return (edge["node"] for edge in found["trophyTitles"]["edges"])


def test_an_account_that_was_loaded_anew_gives_its_id_to_everything(takeover: Takeover) -> None:
    takeover.fetch()
    takeover.pass_on()
    query = """query ($accounts: [AccountInput!]!) { user(accounts: $accounts) {
      accounts { ... on RetroAchievementsAccount { ulid } } } }"""
    account = takeover.fetch(query, no_cache=True)["accounts"][0]

    found = takeover.fetch(
        "query ($accounts: [AccountInput!]!) { user(accounts: $accounts) { id trophyTitles { "
        "edges { node { id earnedCount } } } } }"
    )

    assert account == {"ulid": NEWCOMER_ULID}
    assert get_ulids(found) == {NEWCOMER_ULID}
    assert [each["earnedCount"] for each in iterate_titles(found)] == [1]
