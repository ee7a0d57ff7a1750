"""Estimates of operations, which add up the figures of the cost map."""

from pathlib import Path

import pytest

from providers.errors import TooCostly
from providers.registry import Source
from server.limits.limit_exceeded import LimitExceeded
from server.limits.operation_limits import OperationLimits
from server.settings import read_settings
from tests.server.operation_checks import VEGA_ARGUMENT, estimate_cost

RIGEL_ARGUMENT = 'accounts: [{source: RETRO_ACHIEVEMENTS, handle: "rigel"}]'
THREE_ACCOUNTS = 'accounts: [{source: PSN, handle: "a"}, {source: TROPHY_SO, handle: "b"}, $third]'

RETRO = "RETRO_ACHIEVEMENTS"
QUERY_FOLDER = Path("server/explorer/queries")
ON_RETRO = "accounts { ... on RetroAchievementsAccount { %s } }"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("selection", "calls"),
    [
        ("id", 0),
        ("displayName", 1),
        ("displayName avatar { url } accounts { displayName status { state } }", 1),
        ("trophyTitles { totalCount }", 1),
        ("trophyTitles(first: 50) { edges { node { name progress } } }", 1),
        ("trophyTitles(first: 50) { edges { node { groups { name } } } }", 51),
        ("trophyTitles(first: 50) { edges { node { groups { progress } } } }", 101),
        ("trophyTitles(first: 50) { edges { node { achievements { name } } } }", 101),
        (
            """trophyTitles(first: 50) { edges { node { groups {
                name progress achievements { name earned rarity { percent } }
            } } } }""",
            151,
        ),
        ('trophyTitle(nativeId: "1") { achievements { grade title { groups { name } } } }', 3),
        ("achievements(first: 20) { edges { node { earnedAt } } }", 15),
        ("recentlyPlayed(first: 20) { edges { node { lastPlayedAt } } }", 1 + 4),
        ("recentlyPlayed(first: 20) { edges { node { running title { name } } } }", 1 + 4 + 2),
        ("achievements(first: 20) { edges { node { name title { name } } } }", 29),
        ("awards(first: 20) { edges { node { title { name } } } }", 0),
        ("campaigns { name }", 1),
        ("campaigns { tasks { status } }", 21),
        ("totals { titles points } trophyTitles { totalCount }", 2),
        ("accounts { ... on PsnAccount { trophySummary { level } aboutMe } }", 2),
    ],
)
def test_calls_of_a_user_with_one_account(selection: str, calls: int) -> None:
    assert estimate_cost(f"{{ user({VEGA_ARGUMENT}) {{ {selection} }} }}").calls.total == calls


@pytest.mark.parametrize(
    ("selection", "calls"),
    [
        ("trophyTitles(first: 50) { edges { node { name progress } } }", 1),
        ("trophyTitles(first: 50) { edges { node { groups { progress } } } }", 51),
        ("trophyTitles(first: 50) { edges { node { achievements { name earned } } } }", 51),
        ("achievements(first: 20) { edges { node { name earned rarity { percent } } } }", 15),
        ("trophyTitles(first: 50) { edges { node { highestAward { kind } } } }", 1),
        ("trophyTitles(first: 50) { edges { node { points { value } } } }", 2),
        ("trophyTitles(first: 50) { edges { node { population lastPlayedAt } } }", 55),
        ("recentlyPlayed(first: 20) { edges { node { lastPlayedAt } } }", 1),
        ("recentlyPlayed(first: 20) { edges { node { playDurationSeconds } } }", 21),
        ("awards(first: 20) { edges { node { kind } } }", 1),
        ("awards(first: 100) { edges { node { title { progress } } } }", 2),
        ("awards(first: 20) { edges { node { title { name } } } }", 21),
        ("campaigns { tasks { status } }", 0),
        ("accounts { ... on RetroAchievementsAccount { motto rank { position } } }", 2),
        ("trophyTitles(first: 5) { edges { node { leaderboards { totalCount } } } }", 6),
        (
            """trophyTitles(first: 5) { edges { node {
              leaderboards(first: 100) { edges { node { entry { rank } } } } } } }""",
            11,
        ),
        (ON_RETRO % "following { edges { node { displayName isMutual } } }", 3),
        (ON_RETRO % "followers(first: 5) { edges { node { account { motto } } } }", 8),
        (ON_RETRO % "wantToPlay { edges { node { title { name points { value } } } } }", 23),
        (ON_RETRO % "wantToPlay { edges { node { title { progress } } } }", 3),
    ],
)
def test_a_retroachievements_game_takes_one_call(selection: str, calls: int) -> None:
    assert estimate_cost(f"{{ user({RIGEL_ARGUMENT}) {{ {selection} }} }}").calls.total == calls


def test_the_achievement_of_the_week_takes_a_call_and_its_title_another() -> None:
    for fields, calls in (
        ("startsAt unlockCount", 1),
        ("startsAt title { name icon { url } }", 2),
        ("achievement { name } title { achievements { name } }", 3),
    ):
        estimate = estimate_cost(f"{{ achievementOfTheWeek {{ {fields} }} }}")
        assert estimate.calls.by_source == {"RETRO_ACHIEVEMENTS": calls}


def test_each_key_of_points_or_a_leaderboard_takes_a_call() -> None:
    fields = """streak { length history(periods: 30) { length } } a: points(key: "a") { total }
      b: points(key: "b") { level { name } } leaderboard(key: "c") { rank }"""
    accounts = f"accounts {{ ... on TrophySoAccount {{ {fields} }} }}"
    query = f'{{ user(accounts: [{{source: TROPHY_SO, handle: "vega"}}]) {{ {accounts} }} }}'
    assert estimate_cost(query).calls.by_source == {"TROPHY_SO": 4}


@pytest.mark.parametrize(
    ("selection", "calls"),
    [
        ("displayName", 1),
        ("trophyTitles(first: 50) { edges { node { name progress } } }", 3),
        ("trophyTitles(first: 50) { edges { node { achievements { name earned } } } }", 103),
        ("accounts { ... on SteamAccount { level presence { appId } } }", 2),
        (
            """accounts { ... on SteamAccount { friends(first: 100) { edges { node {
                displayName presence { appId } } } } } }""",
            3,
        ),
        ("accounts { ... on SteamAccount { playedGames { edges { node { name } } } } }", 3),
        ("campaigns { name } awards { totalCount }", 0),
    ],
)
def test_calls_of_a_user_on_steam(selection: str, calls: int) -> None:
    account = 'accounts: [{source: STEAM, handle: "vega_north"}]'
    assert estimate_cost(f"{{ user({account}) {{ {selection} }} }}").calls.total == calls


@pytest.mark.parametrize(
    ("selection", "calls"),
    [
        ("displayName", 1),
        ("trophyTitles(first: 50) { edges { node { name progress } } }", 1),
        ("trophyTitles(first: 50) { edges { node { achievements { name earned } } } }", 101),
        ("trophyTitles(first: 50) { edges { node { playDurationSeconds points { unit } } } }", 2),
        ("totals { titles earned points }", 2),
        ("accounts { ... on XboxAccount { tier presence { titleId } } }", 2),
        (
            """accounts { ... on XboxAccount { friends(first: 100) { edges { node {
                displayName presence { titleId } } } } } }""",
            11,
        ),
        ("campaigns { name } awards { totalCount }", 0),
    ],
)
def test_calls_of_a_user_on_xbox(selection: str, calls: int) -> None:
    account = 'accounts: [{source: XBOX, handle: "Vega North"}]'
    assert estimate_cost(f"{{ user({account}) {{ {selection} }} }}").calls.total == calls


@pytest.mark.parametrize(
    ("source", "selection", "calls"),
    [
        ("PSN", "statistics(by: SOURCE) { total }", 1),
        ("PSN", 'statistics(by: SOURCE, since: "2026-01-01T00:00:00Z") { total }', 51),
        ("PSN", "statistics(by: GRADE, since: null) { total }", 1),
        ("PSN", "statistics(by: DAY) { total }", 51),
        ("PSN", "statistics(by: RARITY, maxTitles: 200) { total }", 201),
        ("STEAM", "statistics(by: DAY) { total }", 53),
        ("STEAM", "statistics(by: RARITY) { total }", 103),
        ("RETRO_ACHIEVEMENTS", "statistics(by: MONTH) { total }", 1),
        ("RETRO_ACHIEVEMENTS", "statistics(by: RARITY) { total }", 51),
        ("TROPHY_SO", "statistics(by: RARITY) { total }", 1),
        ("PSN", "rarest(first: 5) { edges { node { rarity { percent } } } }", 51),
        ("PSN", "rarest(first: 5, maxTitles: 9) { edges { node { name } } }", 1 + 9 + 5),
        ("PSN", "milestones(first: 5) { edges { node { number } } }", 51),
        ("PSN", "milestones(first: 5) { edges { node { achievement { name } } } }", 51 + 5),
        ("RETRO_ACHIEVEMENTS", "milestones { edges { node { number } } }", 2),
        ("TROPHY_SO", "milestones(maxTitles: 1000) { edges { node { number } } }", 1),
        ("PSN", "a: rarest { totalCount } b: statistics(by: DAY, maxTitles: 60) { total }", 61),
    ],
)
def test_titles_that_are_opened_to_be_counted_are_estimated(
    source: str, selection: str, calls: int
) -> None:
    account = f'accounts: [{{source: {source}, handle: "vega"}}]'

    assert estimate_cost(f"{{ user({account}) {{ {selection} }} }}").calls.total == calls


def test_of_several_sources_all_opened_titles_are_of_the_one_that_takes_the_most_calls() -> None:
    query = (
        "query ($titles: Int) { viewer { statistics(by: RARITY, maxTitles: $titles) { total } } }"
    )
    one_each = {source.name: 1 for source in Source}

    for variables, titles in (({"titles": 20}, 20), ({}, 50), ({"titles": "x"}, 0)):
        found = estimate_cost(query, variables).calls.by_source
        assert found == {**one_each, "PSN": 2, "STEAM": 3, "XBOX": 1 + 2 * titles}


COMPARED = "edges { node { title { name } people { earnedCount } %s } }"
OPENED = COMPARED % "achievements { first unlocks { earnedAt } achievement { name } }"


@pytest.mark.parametrize(
    ("arguments", "selection", "calls"),
    [
        ("accounts: [$a, $b]", "totalCount", 2),
        ("accounts: [$a, $b], first: 50", COMPARED % "", 2),
        ("accounts: [$a, $b]", OPENED, 2 + 10 * (1 + 2)),
        ("accounts: [$a, $b, $b, $b, $b], first: 5", OPENED, 5 + 5 * (1 + 5)),
        ("accounts: [$a, $b], first: 5", COMPARED % "achievements { first }", 2 + 5 * 2),
        ('accounts: [$a, $b], source: PSN, nativeId: "1"', OPENED, 2 + 1 + 2),
        ('accounts: [[$a, $s], $b], source: PSN, nativeId: "1"', OPENED, 2 + 1 + 2),
        ("accounts: [[$r], [$r]], first: 5", OPENED, 2 + 5 * 2),
        ("accounts: [$a, $b]", "people { position user { displayName } }", 2),
        ("accounts: [$a, $b]", "people { sources { state } }", 2),
        ("accounts: [$a, $b]", "people { user { rarest(maxTitles: 9) { totalCount } } }", 2 + 18),
        ("accounts: [$a, $b, $b]", "people { user { displayName } }", 3),
    ],
)
def test_a_comparison_is_estimated_for_each_of_the_people(
    arguments: str, selection: str, calls: int
) -> None:
    for name, source in (("$a", "PSN"), ("$b", "PSN"), ("$s", "STEAM"), ("$r", RETRO)):
        arguments = arguments.replace(name, f'{{source: {source}, handle: "x"}}')

    assert estimate_cost(f"{{ compare({arguments}) {{ {selection} }} }}").calls.total == calls


def test_the_people_of_a_comparison_are_read_from_variables() -> None:
    query = f"query ($a: [[AccountInput!]!]!) {{ compare(accounts: $a) {{ {OPENED} }} }}"
    person = [{"source": "XBOX", "handle": "x"}]

    found = estimate_cost(query, {"a": [person] * 3}).calls.by_source

    assert found == {"XBOX": 3 + 10 * (2 + 2 * 1)}


def test_each_account_of_a_user_is_counted() -> None:
    query = f"query ($third: AccountInput!) {{ user({THREE_ACCOUNTS}) {{ displayName }} }}"
    third = {"third": {"source": "RETRO_ACHIEVEMENTS", "handle": "c"}}
    assert estimate_cost(query, third).calls.total == 3
    assert estimate_cost("{ viewer { displayName } }").calls.total == 1 + len(Source)


def test_calls_are_counted_for_each_source() -> None:
    query = "{ viewer { trophyTitles(first: 9) { edges { node { achievements { key } } } } } }"
    one_each = {source.name: 1 for source in Source}
    assert estimate_cost(query).calls.by_source == {**one_each, "PSN": 1 + 1 + 9, "STEAM": 3}
    linked = frozenset({"RETRO_ACHIEVEMENTS"})
    assert estimate_cost(query, linked=linked).calls.by_source == {"RETRO_ACHIEVEMENTS": 1 + 9}


def test_only_the_sources_that_are_named_are_counted() -> None:
    query = "query ($sources: [Source!]) { viewer { awards(sources: $sources) { totalCount } } }"
    assert estimate_cost(query).calls.by_source == {"PSN": 1, "RETRO_ACHIEVEMENTS": 1}
    assert estimate_cost(query, {"sources": ["PSN"]}).calls.by_source == {"PSN": 1}


@pytest.mark.slow
def test_thirty_aliases_of_one_title_are_counted_once() -> None:
    one = f'user({VEGA_ARGUMENT}) {{ trophyTitle(nativeId: "1") {{ achievements {{ name }} }} }}'
    thirty = "{" + " ".join(f"a{number}: {one}" for number in range(30)) + "}"
    assert estimate_cost(thirty).calls.total == estimate_cost(f"{{ {one} }}").calls.total == 3
    assert estimate_cost(thirty).values == 30 * estimate_cost(f"{{ {one} }}").values


def test_thirty_titles_are_counted_one_by_one() -> None:
    titles = (
        f'a{number}: trophyTitle(nativeId: "{number}") {{ achievements {{ name }} }}'
        for number in range(30)
    )
    assert estimate_cost(f"{{ user({VEGA_ARGUMENT}) {{ {' '.join(titles)} }} }}").calls.total == 61


def test_equal_arguments_in_another_order_are_the_same_call() -> None:
    query = (
        f"{{ user({RIGEL_ARGUMENT}) {{ a: awards(first: 9, sources: $all) {{ edges {{ node "
        "{ title { name } } } } b: awards(sources: $all, first: 9) { edges { node "
        "{ title { name } } } } } }"
    ).replace("$all", "[RETRO_ACHIEVEMENTS]")
    assert estimate_cost(query).calls.total == 10


def test_a_title_without_a_user_needs_definitions_alone() -> None:
    assert estimate_cost('{ trophyTitle(nativeId: "1") { groups { name } } }').calls.total == 2
    assert (
        estimate_cost('{ trophyTitle(nativeId: "1") { achievements { name } } }').calls.total == 3
    )


def test_every_id_counts_as_a_lookup() -> None:
    assert (
        estimate_cost(
            '{ nodes(ids: ["a", "b"]) { ... on TrophyTitle { groups { name } } } }'
        ).calls.total
        == 4
    )
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert estimate_cost(query, {"ids": ["a"] * 100}).calls.total == 100
    assert estimate_cost(query, {"ids": "a"}).calls.total == 1


@pytest.mark.parametrize(
    ("type_name", "selection", "calls"),
    [
        ("PsnAccount", "onlineId displayName", {"PSN": 200}),
        ("RetroAchievementsAccount", "motto", {"PSN": 100, "RETRO_ACHIEVEMENTS": 100}),
        ("TrophySoAccount", "displayName", {"PSN": 100, "TROPHY_SO": 100}),
        (
            "Account",
            "displayName",
            {"PSN": 200, "RETRO_ACHIEVEMENTS": 100, "TROPHY_SO": 100, "STEAM": 100, "XBOX": 100},
        ),
    ],
)
def test_accounts_by_reference_are_counted_for_their_own_source(
    type_name: str, selection: str, calls: dict[str, int]
) -> None:
    query = f"""query ($a: [_Any!]!) {{
        _entities(representations: $a) {{ ... on {type_name} {{ {selection} }} }}
    }}"""
    assert estimate_cost(query, {"a": [{}] * 100}).calls.by_source == calls


def test_an_operation_over_a_limit_is_rejected_with_its_estimate() -> None:
    awards = "awards(first: 20) { edges { node { title { name } } } }"
    query = f"{{ user({RIGEL_ARGUMENT}) {{ {awards} }} }}"
    assert estimate_cost(query, limits=OperationLimits(max_calls=21, max_values=20))
    with pytest.raises(TooCostly) as calls:
        estimate_cost(query, limits=OperationLimits(max_calls=20))
    with pytest.raises(LimitExceeded) as values:
        estimate_cost(query, limits=OperationLimits(max_values=19))
    assert isinstance(calls.value, LimitExceeded)
    assert (calls.value.estimate, calls.value.limit) == (21, 20)
    assert (values.value.estimate, values.value.limit) == (20, 19)
    assert values.value.code == "OPERATION_TOO_COSTLY"


def test_an_operation_that_never_fits_a_sources_rate_is_rejected() -> None:
    query = "{ viewer { trophyTitles(first: 9) { edges { node { achievements { key } } } } } }"
    assert estimate_cost(
        query, limits=OperationLimits(max_calls_by_source={"PSN": 11, "RETRO_ACHIEVEMENTS": 1})
    )
    with pytest.raises(LimitExceeded) as refused:
        estimate_cost(query, limits=OperationLimits(max_calls_by_source={"PSN": 10}))
    assert (refused.value.estimate, refused.value.limit) == (11, 10)
    assert "PSN" in refused.value.message


def test_every_query_of_the_explorer_is_within_the_default_limits() -> None:
    limits = read_settings({}, sandbox=False).limits
    assert limits.max_calls
    for path in QUERY_FOLDER.glob("*.graphql"):
        assert estimate_cost(path.read_text(), limits=limits)


@pytest.mark.parametrize(
    ("selection", "calls"),
    [
        ("eventId cursor detectedAt achievement { nativeId definitionId }", 0),
        ("account { displayName } achievement { nativeId }", 1),
        ("achievement { name }", 2),
        ("achievement { name title { name } }", 3),
    ],
)
def test_calls_of_one_event_of_a_subscription(selection: str, calls: int) -> None:
    query = f"subscription {{ achievementUnlocked({VEGA_ARGUMENT}) {{ {selection} }} }}"

    assert estimate_cost(query).calls.total == calls


def test_an_event_of_the_viewers_accounts_is_estimated_for_the_linked_sources() -> None:
    query = "subscription { achievementUnlocked { account { displayName } } }"

    assert estimate_cost(query, linked=frozenset({"STEAM"})).calls.by_source == {"STEAM": 1}
