"""Each field alone under each list of the graph: the upstream calls beyond the list's own.

The fields come from the schema, so that a new one is measured as well. Whatever a list's own rows
have is answered from them. A field that needs more is named below, with its reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from graphql import is_required_argument

from providers.registry import Source
from schema.graph import build_schema
from tests.harness import RunningServer, operator_settings, run_server

TYPES: Any = build_schema().graphql_schema.type_map
HOLDERS = {
    "User": "viewer { %s }",
    "PsnAccount": "viewer { accounts { ... on PsnAccount { %s } } }",
}
ON_RETRO = "viewer { accounts { ... on RetroAchievementsAccount { %s } } }"
# Lists that need an argument, or are below an entry of another list.
GROUP_ID = "~1A2B3C4D5E6F7081.8091A2B3C4D5E6F7"
PSN_TITLE = 'viewer { trophyTitle(nativeId: "NPWR00001_00") { %s } }'
RETRO_TITLE = 'viewer { trophyTitle(nativeId: "418", source: RETRO_ACHIEVEMENTS) { %s } }'
MESSAGES = (
    f'viewer {{ accounts {{ ... on PsnAccount {{ messageGroup(groupId: "{GROUP_ID}") {{ '
    "messages(first: 2) { edges { node { %s } } } } } } }"
)
COMPARED = """compare(first: 2, accounts: [
    [{ source: PSN, handle: "1000000000000000001" }]
    [{ source: PSN, handle: "1000000000000000002" }]
]) { %s }"""
OTHER_LISTS = {
    "Query.compare": (COMPARED % "edges { node { %s } }", "ComparedTitle"),
    "ComparedTitle.achievements": (
        COMPARED % "edges { node { achievements { %s } } }",
        "ComparedAchievement",
    ),
    "ComparisonConnection.people": (COMPARED % "people { %s }", "ComparedPerson"),
    "Query.searchAccounts": (
        'searchAccounts(term: "sample_friend", first: 2) { edges { node { %s } } }',
        "Account",
    ),
    "TrophyTitle.groups (PSN)": (PSN_TITLE % "groups { %s }", "TrophyGroup"),
    "TrophyTitle.achievements (PSN)": (PSN_TITLE % "achievements { %s }", "Achievement"),
    "TrophyTitle.groups (RetroAchievements)": (RETRO_TITLE % "groups { %s }", "TrophyGroup"),
    "TrophyTitle.achievements (RetroAchievements)": (
        RETRO_TITLE % "achievements { %s }",
        "Achievement",
    ),
    # No lists, but of several fields that come in one response.
    "TrophySoAccount.streak": (
        "viewer { accounts { ... on TrophySoAccount { streak { %s } } } }",
        "TrophySoStreak",
    ),
    "TrophySoAccount.points": (
        'viewer { accounts { ... on TrophySoAccount { points(key: "experience") { %s } } } }',
        "TrophySoPoints",
    ),
    "TrophyTitle.leaderboards": (
        RETRO_TITLE % "leaderboards(first: 2) { edges { node { %s } } }",
        "TitleLeaderboard",
    ),
    "RetroAchievementsAccount.following": (
        ON_RETRO % "following(first: 2) { edges { node { %s } } }",
        "RetroAchievementsFollow",
    ),
    "RetroAchievementsAccount.wantToPlay": (
        ON_RETRO % "wantToPlay(first: 2) { edges { node { %s } } }",
        "RetroAchievementsWantedTitle",
    ),
    "Query.achievementOfTheWeek": (
        "achievementOfTheWeek { achievement { %s } }",
        "Achievement",
    ),
    "PsnMessageGroup.messages": (MESSAGES, "PsnMessage"),
}


@dataclass(frozen=True)
class MoreCalls:
    """Fields of a list's items that need calls beside the list's own, and the reason."""

    calls: int
    fields: str
    reason: str


PROFILE = "nativeId displayName avatar.url avatar.lockedUrl profileUrl user.displayName"
STATUS = "status.source status.state status.message status.retryAfter status.fetchedAt"
FULL_PROFILE = "onlineId npId aboutMe isPlus country languages"
PRESENCE = (
    "presence.onlineStatus presence.platform presence.lastOnlineAt presence.titleName "
    "presence.npTitleId"
)
SUMMARY = "trophySummary.level trophySummary.levelProgress trophySummary.tier trophySummary.points"
COUNTS = (
    "earnedCounts.bronze earnedCounts.silver earnedCounts.gold earnedCounts.platinum "
    "earnedCounts.total points awards"
)
DEFINITION = (
    "key name description icon.url icon.lockedUrl kind reward.name userAttributes eventAttributes "
    "triggerDetail.metricId triggerDetail.metricName triggerDetail.metricValue "
    "triggerDetail.streakLength triggerDetail.prerequisiteIds"
)
RARITY = (
    "rarity.percent rarity.band rarity.earners rarity.population rarity.hardcorePercent "
    "rarity.hardcoreEarners earnedAtSoftcore"
)
GAME_FACTS = (
    "points.value points.unit points.weighted earnedPoints.value earnedPoints.unit "
    "earnedPoints.weighted playDurationSeconds population info.publisher info.developer info.genre "
    "info.releasedAt info.parentNativeId"
)
GAME = (
    "title.playDurationSeconds title.lastPlayedAt title.population "
    "title.detail title.serviceName title.setVersion title.hasGroups title.achievementCount "
    "title.earnedCount title.progress title.lastUpdatedAt"
)
PROGRESS = "progress.current progress.target progress.percent progress.updatedAt"

PLAYED = "RetroAchievements has another list of played games"

# All other fields need none. The calls are those of the viewer's sources, for two entries.
MORE_CALLS: dict[str, list[MoreCalls]] = {
    "User.accounts": [
        MoreCalls(1, f"{PROFILE} {STATUS}", "an account is a handle until its profile is loaded"),
    ],
    "User.totals": [
        MoreCalls(1, COUNTS, "a total is a count of one source, which no list contains"),
        MoreCalls(2, "titles earned", "two of the sources have it"),
    ],
    "User.trophyTitles": [
        MoreCalls(1, "leaderboards", "those of the one title on RetroAchievements"),
        MoreCalls(
            2,
            "groups achievements rarestAchievements",
            "each of the two titles has contents of its own",
        ),
        MoreCalls(1, GAME_FACTS, "RetroAchievements' list has no points and not the game itself"),
        MoreCalls(1, "lastPlayedAt", PLAYED),
    ],
    "User.achievements": [
        MoreCalls(1, DEFINITION, "what a player has earned comes without the definitions"),
        MoreCalls(1, RARITY, "RetroAchievements' unlocks come without it, so its game is loaded"),
        MoreCalls(1, GAME, "RetroAchievements' unlocks have name, icon and platforms of the game"),
        MoreCalls(
            2,
            "group.id group.nativeId group.progress group.lastUpdatedAt",
            "PSN's definitions have the group of a trophy, RetroAchievements' game its own",
        ),
        MoreCalls(3, "group.name group.detail", "PSN's groups have their names beside these"),
        MoreCalls(3, PROGRESS, "PSN's definitions, RetroAchievements' game, Trophy.so's metrics"),
    ],
    "User.rarest": [
        MoreCalls(2, PROGRESS, "Trophy.so's counters are in its metrics and its streak"),
        MoreCalls(1, "title.lastPlayedAt", PLAYED),
    ],
    "User.milestones": [
        MoreCalls(
            2,
            "achievement.key achievement.name achievement.description achievement.kind",
            "each is of a PSN title, whose rows of the player come without the definitions",
        ),
    ],
    "User.recentlyPlayed": [
        MoreCalls(
            1,
            "title.platforms title.setVersion title.hiddenByOwner title.lastUpdatedAt",
            "the list of titles has what the other lists lack",
        ),
        MoreCalls(
            1,
            "title.playDurationSeconds title.population playDurationSeconds",
            "RetroAchievements' list has no points and not the game itself",
        ),
        MoreCalls(1, "running", "PSN's presence tells it"),
    ],
    "User.awards": [
        MoreCalls(1, GAME, "an award has name, icon and platforms of its game"),
    ],
    "User.campaigns": [MoreCalls(4, "tasks", "each campaign has a detail operation")],
    "PsnAccount.friends": [
        MoreCalls(
            1,
            f"{PROFILE.removeprefix('nativeId ')} {STATUS} {FULL_PROFILE} {PRESENCE}",
            "the list has account ids alone; profiles and presences are loaded in batches",
        ),
        MoreCalls(2, SUMMARY, "PSN has no batch of trophy levels"),
        MoreCalls(2, "friends playedGames", "each of the two friends has lists of their own"),
    ],
    "PsnAccount.messageGroups": [
        MoreCalls(2, "messages", "a group's row has its latest message alone"),
    ],
    "PsnAccount.playedGames": [MoreCalls(1, "trophyTitles", "the list has no trophy sets")],
    "Query.compare": [
        MoreCalls(4, "achievements", "each of the two titles is opened for each of the two people"),
    ],
    "ComparedTitle.achievements": [
        MoreCalls(
            2,
            "achievement.key achievement.name achievement.description achievement.kind",
            "the definitions of each of the two titles, once for both people",
        ),
    ],
    "ComparisonConnection.people": [
        MoreCalls(1, "user.displayName", "an account has no profile; PSN has batches"),
        MoreCalls(2, "sources", "the list of titles of each person tells it"),
    ],
    "Query.searchAccounts": [
        MoreCalls(1, f"{STATUS} user.displayName", "both are of the account now, not of the hit"),
    ],
    "RetroAchievementsAccount.following": [
        MoreCalls(
            2,
            "account.displayName account.profileUrl account.points account.softcorePoints "
            "account.truePoints account.memberSince account.motto account.richPresence",
            "each of the two accounts has a profile of its own; the row has the most of it",
        ),
    ],
    "RetroAchievementsAccount.wantToPlay": [
        MoreCalls(
            1,
            "title.earnedCount title.progress title.lastUpdatedAt title.lastPlayedAt",
            "the list has no progress, which the titles have in one batch",
        ),
        MoreCalls(
            2,
            "title.detail title.serviceName title.setVersion title.hasGroups title.population "
            "title.playDurationSeconds",
            "each of the two titles has contents of its own",
        ),
    ],
    "Query.achievementOfTheWeek": [
        MoreCalls(
            1,
            "group.name group.detail group.progress group.lastUpdatedAt title.name title.platforms "
            "title.detail title.serviceName title.setVersion title.hasGroups "
            "title.achievementCount title.population",
            "all of the game comes with the game; the week itself has its name and its platforms",
        ),
    ],
    "TrophyTitle.achievements (PSN)": [
        MoreCalls(1, "group.name group.detail", "the trophies have the group's id alone"),
    ],
    "TrophyTitle.groups (RetroAchievements)": [MoreCalls(1, "title.lastPlayedAt", PLAYED)],
    "TrophyTitle.achievements (RetroAchievements)": [MoreCalls(1, "title.lastPlayedAt", PLAYED)],
}


def get_item_type(field: Any) -> Any:
    """Return the type of a field, or that of the items of a list."""
    return TYPES[str(field.type).strip("[]!")]


def has_fields(type_: Any) -> bool:
    return hasattr(type_, "fields")


def unwrap_item(field: Any) -> Any:
    """Return the type of a list's items, or of a connection's nodes; None for another field."""
    named = get_item_type(field)
    if str(field.type).startswith("["):
        return named if has_fields(named) else None
    if not str(named).endswith("Connection"):
        return None
    edge = get_item_type(named.fields["edges"])
    return get_item_type(edge.fields["node"])


def iterate_lists() -> Iterator[tuple[str, str, Any]]:
    """Yield each list's name, a query with a place for its items' fields, and the item's type."""
    for holder, query in HOLDERS.items():
        for name, field in TYPES[holder].fields.items():
            item = unwrap_item(field)
            if item is None:
                continue
            is_connection = str(get_item_type(field)).endswith("Connection")
            inner = "edges { node { %s } }" if is_connection else "%s"
            arguments = "(first: 2)" if is_connection else ""
            yield f"{holder}.{name}", query % f"{name}{arguments} {{ {inner} }}", item


def iterate_selections(item: Any) -> Iterator[tuple[str, str]]:
    """Yield each field alone, and each field of an object in it."""
    for name, field in item.fields.items():
        inner = get_item_type(field)
        if any(is_required_argument(each) for each in field.args.values()):
            continue
        if not has_fields(inner):
            yield name, name
        elif unwrap_item(field) is not None:
            yield name, f"{name} {{ __typename }}"
        else:
            for each, inner_field in inner.fields.items():
                if not has_fields(get_item_type(inner_field)):
                    yield f"{name}.{each}", f"{name} {{ {each} }}"


def iterate_cases() -> Iterator[Any]:
    others = ((name, query, TYPES[item]) for name, (query, item) in OTHER_LISTS.items())
    for name, query, item in (*iterate_lists(), *others):
        yield pytest.param(name, query, dict(iterate_selections(item)), id=name)


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    # Of these three, so that the table does not change with each source that is added.
    sources = (Source.PSN, Source.RETRO_ACHIEVEMENTS, Source.TROPHY_SO)
    rates = dict.fromkeys(("PSN_RATE", "RETROACHIEVEMENTS_RATE", "TROPHY_SO_RATE"), "100000/60")
    with run_server(sandbox=False, **operator_settings(*sources), **rates) as running:
        yield running


def count_calls(server: RunningServer, query: str) -> int:
    """Count the calls of a query when the sign-in and the own account's ids alone are cached."""
    cache: Any = server.shared_services.cache
    cache._memory_store.delete_matching(bool)  # noqa: SLF001 - only tests empty it
    server.fetch_data("{ viewer { id accounts { id } } }")
    return sum(server.execute(f"{{ {query} }}").upstream_calls.values())


@pytest.mark.slow
@pytest.mark.parametrize(("name", "query", "fields"), list(iterate_cases()))
def test_a_field_is_answered_from_the_rows_of_its_list(
    server: RunningServer, name: str, query: str, fields: dict[str, str]
) -> None:
    own_calls = count_calls(server, query % "__typename")
    more = {
        field: count_calls(server, query % selection) - own_calls
        for field, selection in fields.items()
    }
    expected = {
        field: each.calls for each in MORE_CALLS.get(name, []) for field in each.fields.split()
    }
    assert {field: calls for field, calls in more.items() if calls} == expected
