"""Sets that grow or shrink while the row of a player still counts what it had before."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from providers.psn.sandbox import trophy_serializers
from providers.psn.sandbox.constants import OWNER_ACCOUNT_ID
from providers.psn.sandbox.models import ENGLISH, TrophySetProgress
from providers.retroachievements.sandbox import game_data
from providers.retroachievements.sandbox.models import Achievement
from tests.harness import NO_CACHE_HEADERS, PSN_VEGA, RETRO_VEGA, RunningServer

TITLE_ID, GAME_ID = "NPWR00001_00", 101
NODE = "nativeId name earned group { nativeId } title { nativeId }"
ACHIEVEMENTS = f"""
query ($accounts: [AccountInput!]!, $first: Int!, $after: String, $state: AchievementState!) {{
  user(accounts: $accounts) {{
    achievements(first: $first, after: $after, state: $state) {{
      edges {{ node {{ {NODE} }} }} pageInfo {{ hasNextPage endCursor }}
    }}
  }}
}}
"""
TITLES = """
query ($accounts: [AccountInput!]!, $completion: TitleCompletion! = ANY) {
  user(accounts: $accounts) {
    trophyTitles(first: 100, completion: $completion) { edges { node {
      nativeId achievementCount definedCounts { total } earnedCount progress
    } } }
  }
}
"""
ONE_TITLE = """
query ($accounts: [AccountInput!]!, $source: Source!, $id: ID!) {
  user(accounts: $accounts) { trophyTitle(source: $source, nativeId: $id) {
    achievementCount earnedCount
    groups { nativeId definedCounts { total } earnedCounts { total } }
    achievements { nativeId name earned group { nativeId } }
  } }
}
"""
DEFINITION = """
query ($source: Source!, $id: ID!) {
  trophyTitle(source: $source, nativeId: $id) { achievements { name } }
}
"""


@dataclass(frozen=True)
class CompletedSet:
    """A set of which the player's row says 100 %, and how it is changed upstream."""

    server: RunningServer
    source: str
    native_id: str
    accounts: list[dict[str, str]]
    group_id: str
    added_id: str

    def load_definition(self, *, no_cache: bool = True) -> Any:
        headers = NO_CACHE_HEADERS if no_cache else None
        variables = {"source": self.source, "id": self.native_id}
        return self.server.fetch_data(DEFINITION, variables, headers)["trophyTitle"]

    def fetch_titles(self, completion: str = "ANY") -> dict[str, Any]:
        variables = {"accounts": self.accounts, "completion": completion}
        found = self.server.fetch_data(TITLES, variables)["user"]["trophyTitles"]
        return {edge["node"]["nativeId"]: edge["node"] for edge in found["edges"]}

    def fetch_entries(self, state: str, first: int) -> list[Any]:
        entries: list[Any] = []
        after = None
        while True:
            variables = {
                "accounts": self.accounts,
                "first": first,
                "after": after,
                "state": state,
            }
            page = self.server.fetch_data(ACHIEVEMENTS, variables)["user"]["achievements"]
            entries += [edge["node"] for edge in page["edges"]]
            if not page["pageInfo"]["hasNextPage"]:
                return [each for each in entries if each["title"]["nativeId"] == self.native_id]
            after = page["pageInfo"]["endCursor"]

    def fetch_title(self) -> Any:
        variables = {"accounts": self.accounts, "source": self.source, "id": self.native_id}
        return self.server.fetch_data(ONE_TITLE, variables)["user"]["trophyTitle"]

    def grow(self) -> None:
        """Add an achievement; the version, or on RetroAchievements the list, stays."""
        if self.source == "PSN":
            add_trophy(self.server)
        else:
            grow_game(self.server)


def serialize_rows(server: RunningServer) -> dict[str, Any]:
    """Return the owner's list as it is now."""
    rows = [
        trophy_serializers.serialize_title(each, progress, lambda text: text[ENGLISH])
        for each, progress in server.psn.database.list_progress(OWNER_ACCOUNT_ID)
    ]
    rows.sort(key=lambda row: row["lastUpdatedDateTime"], reverse=True)
    return {"trophyTitles": rows, "totalItemCount": len(rows)}


def freeze_psn_rows(server: RunningServer) -> None:
    """Let the owner's list, and their trophies of the set, stay as they are now."""
    trophy_set = server.psn.database.trophy_sets[TITLE_ID]
    progress = server.psn.database.trophy_progress[OWNER_ACCOUNT_ID, TITLE_ID]
    trophies = [
        trophy_serializers.serialize_earned_trophy(each, progress) for each in trophy_set.trophies
    ]
    owner = f"users/(me|{OWNER_ACCOUNT_ID})"
    server.inject_fault(f"{owner}/trophyTitles\\?", status=200, body=serialize_rows(server))
    body = {"trophySetVersion": trophy_set.version, "trophies": trophies}
    path = f"{owner}/npCommunicationIds/{TITLE_ID}/trophyGroups/all/trophies"
    server.inject_fault(path, status=200, body=body)


def add_trophy(server: RunningServer) -> None:
    version = server.psn.database.trophy_sets[TITLE_ID].version
    server.psn.add_trophy(TITLE_ID, "Afterwards", group_id="001")
    grown_set = server.psn.database.trophy_sets[TITLE_ID]
    server.psn.database.trophy_sets[TITLE_ID] = replace(grown_set, version=version)


def grow_game(server: RunningServer) -> None:
    game = server.retro.database.games[GAME_ID]
    added = Achievement(10109, "Afterwards", "Earn it", 5, None, 9, 10, 5)
    server.retro.database.games[GAME_ID] = replace(game, achievements=(*game.achievements, added))


def complete_psn_set(server: RunningServer) -> None:
    trophies = server.psn.database.trophy_sets[TITLE_ID].trophies
    when = "2026-05-04T03:02:01Z"
    server.psn.database.trophy_progress[OWNER_ACCOUNT_ID, TITLE_ID] = TrophySetProgress(
        when, {each.trophy_id: when for each in trophies}
    )


def freeze_retro_rows(server: RunningServer) -> None:
    """Let the list stay as it is now, as one that is served while its endpoint fails."""
    body = {
        "Count": 1,
        "Total": 1,
        "Results": [
            {
                "GameID": GAME_ID,
                "Title": game_data.LANTERN_KEEP.title,
                "ConsoleName": "NES/Famicom",
                "ImageIcon": game_data.LANTERN_KEEP.icon,
                "MaxPossible": 8,
                "NumAwarded": 8,
                "NumAwardedHardcore": 8,
                "MostRecentAwardedDate": "2024-02-12T13:05:11+00:00",
            }
        ],
    }
    server.inject_fault("GetUserCompletionProgress", status=200, body=body)


@pytest.fixture(params=["PSN", "RETRO_ACHIEVEMENTS"])
def completed(request: pytest.FixtureRequest, server: RunningServer) -> CompletedSet:
    """Complete a set, and freeze what the player has synced of it."""
    if request.param == "PSN":
        complete_psn_set(server)
        freeze_psn_rows(server)
        return CompletedSet(server, "PSN", TITLE_ID, PSN_VEGA, "001", "8")
    freeze_retro_rows(server)
    retro = "RETRO_ACHIEVEMENTS"
    return CompletedSet(server, retro, str(GAME_ID), RETRO_VEGA, "core", "10109")


@pytest.mark.slow
@pytest.mark.parametrize("first", [3, 100])
@pytest.mark.parametrize("state", ["LOCKED", "ALL"])
def test_what_was_added_to_a_completed_set_is_locked_in_the_timeline(
    completed: CompletedSet, state: str, first: int
) -> None:
    assert [each for each in completed.fetch_entries(state, first) if not each["earned"]] == []
    completed.grow()
    completed.load_definition()

    locked = [each for each in completed.fetch_entries(state, first) if not each["earned"]]

    assert locked == [
        {
            "nativeId": completed.added_id,
            "name": "Afterwards",
            "earned": False,
            "group": {"nativeId": completed.group_id},
            "title": {"nativeId": completed.native_id},
        }
    ]


@pytest.mark.slow
def test_a_row_counts_the_whole_set_as_far_as_it_is_known_without_a_call(
    completed: CompletedSet,
) -> None:
    before = completed.fetch_titles()[completed.native_id]
    completed.grow()
    unknown = completed.fetch_titles()[completed.native_id]
    completed.load_definition()
    answer = completed.server.execute(TITLES, {"accounts": completed.accounts})
    known = completed.fetch_titles()[completed.native_id]

    assert (before["achievementCount"], before["earnedCount"], before["progress"]) == (8, 8, 100)
    assert unknown == before
    assert (known["achievementCount"], known["earnedCount"]) == (9, 8)
    # PSN's percentage is of what the account has synced; RetroAchievements sends none.
    assert known["progress"] == (100 if completed.source == "PSN" else 88)
    assert completed.source != "PSN" or known["definedCounts"] == {"total": 9}
    assert answer.upstream_calls == {}


@pytest.mark.slow
def test_a_completed_set_that_grew_is_in_progress(completed: CompletedSet) -> None:
    assert completed.native_id in completed.fetch_titles("COMPLETED")
    completed.grow()
    completed.load_definition()

    assert completed.native_id not in completed.fetch_titles("COMPLETED")
    assert completed.native_id in completed.fetch_titles("IN_PROGRESS")


@pytest.mark.slow
def test_counts_groups_and_achievements_of_a_set_that_grew_agree(completed: CompletedSet) -> None:
    completed.fetch_title()
    completed.grow()
    completed.load_definition()

    title = completed.fetch_title()

    assert title["achievementCount"] == len(title["achievements"]) == 9
    assert title["earnedCount"] == 8
    added = next(each for each in title["achievements"] if each["nativeId"] == completed.added_id)
    assert (added["name"], added["earned"]) == ("Afterwards", False)
    counts = [each["definedCounts"] for each in title["groups"] if each["definedCounts"]]
    assert completed.source != "PSN" or sum(each["total"] for each in counts) == 9


def test_no_cache_does_not_forget_that_the_set_grew(server: RunningServer) -> None:
    complete_psn_set(server)
    freeze_psn_rows(server)
    completed = CompletedSet(server, "PSN", TITLE_ID, PSN_VEGA, "001", "8")
    completed.grow()
    completed.load_definition()
    variables = {"accounts": completed.accounts, "first": 100, "state": "LOCKED"}

    found = completed.server.fetch_data(ACHIEVEMENTS, variables, NO_CACHE_HEADERS)

    edges = found["user"]["achievements"]["edges"]
    assert completed.added_id in [
        edge["node"]["nativeId"]
        for edge in edges
        if edge["node"]["title"]["nativeId"] == completed.native_id
    ]


def test_a_row_that_was_synced_later_counts_itself(server: RunningServer) -> None:
    complete_psn_set(server)
    server.fetch_data(DEFINITION, {"source": "PSN", "id": TITLE_ID})
    trophy_set = server.psn.database.trophy_sets[TITLE_ID]
    smaller = replace(trophy_set, trophies=trophy_set.trophies[:-1])
    server.psn.database.trophy_sets[TITLE_ID] = smaller
    later = (
        datetime.now(UTC).replace(year=datetime.now(UTC).year + 1).strftime("%Y-%m-%dT%H:%M:%SZ")
    )
    server.psn.database.trophy_progress[OWNER_ACCOUNT_ID, TITLE_ID].earned[0] = later

    found = server.fetch_data(TITLES, {"accounts": PSN_VEGA})["user"]["trophyTitles"]["edges"]

    row = next(edge["node"] for edge in found if edge["node"]["nativeId"] == TITLE_ID)
    assert (row["achievementCount"], row["definedCounts"]["total"]) == (7, 7)


@pytest.mark.slow
def test_what_was_earned_of_a_psn_set_that_shrank_still_counts(server: RunningServer) -> None:
    complete_psn_set(server)
    freeze_psn_rows(server)
    completed = CompletedSet(server, "PSN", TITLE_ID, PSN_VEGA, "001", "8")
    completed.fetch_title()
    trophy_set = server.psn.database.trophy_sets[TITLE_ID]
    *rest, removed = trophy_set.trophies
    server.psn.database.trophy_sets[TITLE_ID] = replace(trophy_set, trophies=tuple(rest))
    completed.load_definition()

    earned = completed.fetch_entries("EARNED", 100)
    title = completed.fetch_title()

    assert str(removed.trophy_id) in [each["nativeId"] for each in earned]
    assert completed.fetch_entries("LOCKED", 100) == []
    assert title["earnedCount"] == 8
    assert sum(each["earnedCounts"]["total"] for each in title["groups"]) == 8


@pytest.mark.slow
def test_a_retroachievements_set_that_shrank_counts_what_the_source_counts(
    server: RunningServer,
) -> None:
    freeze_retro_rows(server)
    retro = "RETRO_ACHIEVEMENTS"
    completed = CompletedSet(server, retro, str(GAME_ID), RETRO_VEGA, "core", "10109")
    completed.fetch_title()
    game = server.retro.database.games[GAME_ID]
    server.retro.database.games[GAME_ID] = replace(game, achievements=game.achievements[:-1])
    completed.load_definition()

    title = completed.fetch_title()
    row = completed.fetch_titles()[completed.native_id]

    assert (title["earnedCount"], row["achievementCount"], row["progress"]) == (8, 8, 100)
    assert completed.fetch_entries("LOCKED", 100) == []
    assert completed.native_id in completed.fetch_titles("COMPLETED")


@pytest.mark.slow
def test_a_set_that_is_revised_with_as_many_achievements_has_the_new_one_locked(
    server: RunningServer,
) -> None:
    completed = CompletedSet(
        server, "RETRO_ACHIEVEMENTS", str(GAME_ID), RETRO_VEGA, "core", "10109"
    )
    assert completed.fetch_entries("LOCKED", 100) == []
    game = server.retro.database.games[GAME_ID]
    added = Achievement(10109, "Instead", "Earn it", 5, None, 9, 10, 5)
    revised = replace(game, achievements=(*game.achievements[1:], added))
    server.retro.database.games[GAME_ID] = revised

    variables = {"accounts": RETRO_VEGA, "first": 100, "state": "LOCKED"}
    found = server.fetch_data(ACHIEVEMENTS, variables, NO_CACHE_HEADERS)["user"]["achievements"]

    locked = [edge["node"] for edge in found["edges"]]
    assert [each["name"] for each in locked if each["title"]["nativeId"] == str(GAME_ID)] == [
        "Instead"
    ]
