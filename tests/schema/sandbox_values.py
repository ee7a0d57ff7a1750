"""Values of arguments that exist in the sandboxes, for generated operations."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, cast

from providers.psn.sandbox.constants import FRIEND_ACCOUNT_ID
from providers.registry import Source
from providers.steam.sandbox.constants import SECOND_ID
from providers.xbox.sandbox.constants import SECOND_XUID
from tests.harness import EVERYWHERE, operator_settings, run_server
from tests.schema.generated_operations import EnumValue

IDS_QUERY = """{
  searchAccounts(term: "vega", first: 1) { edges { cursor } }
  psnOperations { name }
  compare(first: 1, accounts: [
    [{ source: PSN, handle: "1000000000000000001" }]
    [{ source: PSN, handle: "1000000000000000002" }]
  ]) { edges { cursor } }
  viewer {
    __typename id
    accounts {
      __typename id
      ... on PsnAccount {
        friends(first: 2) { edges { cursor node { __typename id } } }
        messageGroups(first: 2) { edges { cursor node { __typename id groupId
          messages(first: 2) { edges { cursor } } } } }
        playedGames(first: 1) { edges { cursor } }
      }
      ... on RetroAchievementsAccount {
        following(first: 2) { edges { cursor } }
        followers(first: 1) { edges { cursor } }
        wantToPlay(first: 2) { edges { cursor } }
      }
      ... on SteamAccount {
        friends(first: 1) { edges { cursor node { __typename id } } }
        playedGames(first: 1) { edges { cursor } }
      }
    }
    trophyTitles(first: 12) { edges { cursor node {
      __typename id groups { __typename id }
    } } }
    trophyTitle(source: RETRO_ACHIEVEMENTS, nativeId: "640") {
      leaderboards(first: 2) { edges { cursor } }
    }
    nearly: trophyTitles(first: 2, orderBy: FEWEST_LEFT) { edges { cursor } }
    achievements(first: 3) { edges { cursor node { __typename id definitionId } } }
    locked: achievements(first: 2, state: LOCKED) { edges { cursor node { __typename id } } }
    rarest(first: 3) { edges { cursor } }
    recentlyPlayed(first: 3) { edges { cursor } }
    milestones(first: 3, every: 10) { edges { cursor } }
    awards(first: 2) { edges { cursor node { __typename id } } }
    campaigns { __typename id }
  }
}"""
CURSOR_FIELDS = {"nearly": "trophyTitles", "locked": "achievements"}
SECOND_ON_STEAM = {"source": EnumValue("STEAM"), "handle": SECOND_ID}
SECOND_ON_XBOX = {"source": EnumValue("XBOX"), "handle": SECOND_XUID}
PSN_TITLES = ("NPWR00001_00", "NPWR00008_00", "NPWR00004_00")
PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)


@cache
def list_values() -> Mapping[str, Sequence[Any]]:
    """List the values by the name of the argument; ids also by the type of their object."""
    with run_server(sandbox=False, **operator_settings(*Source)) as server:
        answer = server.fetch_data(IDS_QUERY)
    found = list(_iterate_objects(answer))
    ids = {each["id"]: each["__typename"] for each in found if "id" in each}
    accounts = [_name_source(each) for each in EVERYWHERE]
    friend = {"source": EnumValue("PSN"), "handle": FRIEND_ACCOUNT_ID}
    return {
        "compare.accounts": [
            [[accounts[0]], [friend]],
            [[accounts[0]], [friend]],
            [accounts, [friend, SECOND_ON_STEAM], [SECOND_ON_XBOX]],
            [[accounts[3]], [SECOND_ON_STEAM]],
            [accounts],
        ],
        "compare.source": [EnumValue("PSN"), None, EnumValue("STEAM")],
        "compare.nativeId": [None, None, *PSN_TITLES],
        "accounts": [*([each] for each in accounts), accounts, accounts[:2], [friend], [friend]],
        "first": [*range(1, 9), 0],
        "maxTitles": [50, 4, 50, 0],
        "every": [10, 25, 100, 0],
        "since": ["2024-01-01T00:00:00Z", "2025-06-30T12:00:00+02:00", None, "x"],
        "until": ["2026-01-01T00:00:00Z", None],
        **_list_cursors(answer),
        "id": [*ids, *_list_members(found, "definitionId"), "x"],
        "ids": [list(ids)[:4], list(ids)[-3:], [*list(ids)[5:7], "x"]],
        **{f"id of {kind}": [i for i, k in ids.items() if k == kind] for kind in ids.values()},
        "nativeId": [*PSN_TITLES * 2, "NPWR99999_00", "731", "4060"],
        "trophyTitle.source": [*[EnumValue("PSN")] * 5, EnumValue("STEAM")],
        "group.nativeId": ["default", "001", "core", "base", "x"],
        "term": ["vega", "VegaNorth", "nothing"],
        "key": ["experience", "most-notes", "x"],
        "periods": [1, 7, 8, 0],
        "name": [*_list_members(found, "name")[:3], "x"],
        "variables": [{}, None, {"a": [1, "x"]}],
        "groupId": [*_list_members(found, "groupId"), "x"],
        "threadId": [None, *_list_members(found, "groupId")],
        "handle": ["sample_friend", FRIEND_ACCOUNT_ID, "me"],
        "inviteeIds": [[FRIEND_ACCOUNT_ID], FRIEND_ACCOUNT_ID],
        "body": ["text", ""],
        "contentBase64": [PICTURE, "x"],
        "url": [None],
        "resourceId": ["x"],
        "idempotencyKey": [None, "once"],
    }


def _name_source(account: Mapping[str, str]) -> dict[str, str]:
    return {"source": EnumValue(account["source"]), "handle": account["handle"]}


def _list_cursors(answer: Any) -> dict[str, list[str | None]]:
    """List the cursors by the fields that they belong to."""
    cursors: dict[str, list[str | None]] = {}
    for each in _iterate_objects(answer):
        for name, member in each.items():
            if isinstance(member, dict) and "edges" in member:
                edges = cast("list[dict[str, Any]]", member["edges"])
                found = _list_members(edges, "cursor")
                field_name = CURSOR_FIELDS.get(name, name)
                cursors.setdefault(f"{field_name}.after", [None, ""]).extend(found * 2)
    return cursors


def _list_members(objects: Sequence[Mapping[str, Any]], name: str) -> list[Any]:
    return list(dict.fromkeys(each[name] for each in objects if name in each))


def _iterate_objects(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, dict):
        yield cast("dict[str, Any]", value)
        for member in cast("dict[str, Any]", value).values():
            yield from _iterate_objects(member)
    elif isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from _iterate_objects(item)
