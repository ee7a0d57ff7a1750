"""Contents of titles, loaded with as few calls as their parts need."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from providers.capabilities import ContentsKey
from providers.errors import NotFound, Private, ProviderError
from providers.kit.sandbox import InjectedFault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import create_sandbox
from providers.psn.sandbox.constants import OWNER_ACCOUNT_ID, STRANGER_ACCOUNT_ID
from providers.records import AchievementProgress, Contents, Part, RarityBand, TrophyGrade
from tests.providers.psn.harness import (
    JSON,
    TROPHY,
    count_calls,
    make_title,
    run_with_client,
    unwrap,
)
from tests.providers.psn.trophies.contents_harness import (
    ALL_PARTS,
    DEFINED_GROUPS,
    DEFINITIONS,
    EARNED,
    EARNED_GROUPS,
    find_listed_title,
    index_trophies,
    load_contents,
    load_contents_by_id,
)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Part.NONE, set[str]()),
        (Part.GROUPS, {DEFINED_GROUPS}),
        (Part.TITLE | Part.GROUPS, {DEFINED_GROUPS}),
        (Part.GROUP_PROGRESS | Part.TITLE_PROGRESS, {EARNED_GROUPS}),
        (Part.DEFINITIONS, {DEFINITIONS}),
        (Part.EARNED | Part.RARITY, {EARNED}),
        (Part.DEFINITIONS | Part.EARNED, {DEFINITIONS, EARNED}),
        (Part.DEFINITIONS | Part.EARNED | Part.GROUP_PROGRESS, {DEFINITIONS, EARNED}),
        (Part.DEFINITIONS | Part.GROUP_PROGRESS, {DEFINITIONS, EARNED_GROUPS}),
        (ALL_PARTS, {DEFINED_GROUPS, DEFINITIONS, EARNED}),
    ],
)
def test_each_part_costs_its_own_call(wanted: Part, expected: set[str]) -> None:
    sandbox = create_sandbox()
    load_contents_by_id("NPWR00001_00", wanted, sandbox, service_name="trophy2")
    assert count_calls(sandbox) == dict.fromkeys(expected, 1)


@pytest.mark.parametrize(
    ("fails", "expected"),
    [
        ("nothing", {DEFINITIONS, EARNED}),
        ("users/me/.*/trophies", {DEFINITIONS, EARNED, EARNED_GROUPS}),
    ],
)
def test_progress_is_derived_from_trophies_loaded_at_the_same_time(
    fails: str, expected: set[str]
) -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(InjectedFault(fails, status=403, body={}, headers=JSON))
    title = make_title("NPWR00001_00", service_name="trophy2")
    parts = (Part.GROUP_PROGRESS, Part.DEFINITIONS | Part.EARNED)

    async def scenario(client: PsnClient) -> Contents:
        progress, _ = await client.get_contents([ContentsKey("me", title, part) for part in parts])
        return unwrap(progress)

    found = run_with_client(scenario, sandbox)
    assert found.groups is not None
    assert [group.progress for group in found.groups] == [
        group.progress
        for group in load_contents_by_id("NPWR00001_00", Part.GROUP_PROGRESS).groups or ()
    ]
    assert count_calls(sandbox) == dict.fromkeys(expected, 1)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (Part.DEFINITIONS | Part.EARNED, {DEFINITIONS: 1, EARNED: 1}),
        (Part.EARNED, {EARNED: 1, EARNED_GROUPS: 1}),
        (Part.DEFINITIONS, {DEFINITIONS: 1, EARNED_GROUPS: 1}),
    ],
    ids=str,
)
@pytest.mark.parametrize("is_listed", [True, False])
def test_progress_is_derived_from_cached_trophies(
    before: Part, expected: Mapping[str, int], is_listed: bool
) -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> Contents:
        title = make_title("NPWR00001_00", service_name="trophy2")
        if is_listed:
            title = await find_listed_title(client, "NPWR00001_00")
        await load_contents(client, title, before)
        return await load_contents(client, title, Part.GROUP_PROGRESS)

    def extract_progress(found: Contents) -> list[Any]:
        groups = found.groups or ()
        return [(group.progress, group.earned_counts, group.last_updated_at) for group in groups]

    counted = load_contents_by_id("NPWR00001_00", Part.GROUP_PROGRESS, service_name="trophy2")
    assert extract_progress(run_with_client(scenario, sandbox)) == extract_progress(counted) != []
    made = count_calls(sandbox)
    made.pop(f"{TROPHY}/users/me/trophyTitles", None)
    assert made == expected


def test_without_a_player_only_definitions_are_loaded() -> None:
    sandbox = create_sandbox()
    found = load_contents_by_id("NPWR00001_00", ALL_PARTS, sandbox, None, service_name="trophy2")
    assert count_calls(sandbox) == {DEFINED_GROUPS: 1, DEFINITIONS: 1}
    assert {trophy.earned for trophy in index_trophies(found).values()} == {None}
    assert {trophy.progress for trophy in index_trophies(found).values()} == {None}


def test_definition_and_earned_state_of_a_trophy_are_merged() -> None:
    found = index_trophies(load_contents_by_id("NPWR00001_00", ALL_PARTS))
    assert list(found) == [str(number) for number in range(8)]
    gold = found["1"]
    assert (gold.name, gold.description) == ("The Long Road", "Reach the sea.")
    assert (gold.group_id, gold.grade, gold.hidden) == ("default", TrophyGrade.GOLD, False)
    assert (gold.earned, gold.earned_at) == (True, datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC))
    assert gold.points is not None
    assert (gold.points.value, gold.points.unit) == (90, "TROPHY_POINTS")
    assert gold.rarity is not None
    assert (gold.rarity.percent, gold.rarity.band) == (8.0, RarityBand.VERY_RARE)
    assert gold.icon is not None
    assert found["7"].group_id == "001"


def test_progress_is_partial_missing_or_complete() -> None:
    sandbox = create_sandbox()
    found = index_trophies(load_contents_by_id("NPWR00001_00", ALL_PARTS, sandbox))
    assert found["2"].progress == AchievementProgress(
        current=4, target=9, percent=44, updated_at=datetime(2026, 5, 3, 10, tzinfo=UTC)
    )
    sandbox.unlock(OWNER_ACCOUNT_ID, "NPWR00001_00", 2, "2026-06-01T00:00:00Z")
    full = index_trophies(load_contents_by_id("NPWR00001_00", ALL_PARTS, sandbox))["2"]
    assert full.progress == AchievementProgress(current=9, target=9, percent=100)


def test_missing_progress_is_null() -> None:
    sandbox = create_sandbox()
    sandbox.database.trophy_progress[OWNER_ACCOUNT_ID, "NPWR00001_00"].counters.clear()
    found = index_trophies(load_contents_by_id("NPWR00001_00", ALL_PARTS, sandbox))["2"]
    assert found.progress is None


def test_groups_derived_from_trophies_equal_those_of_psn() -> None:
    counted = Part.GROUPS | Part.GROUP_PROGRESS | Part.TITLE_PROGRESS
    for native_id in ("NPWR00001_00", "NPWR00003_00", "NPWR00004_00", "NPWR00007_00"):
        derived, counted_by_psn = (
            load_contents_by_id(native_id, ALL_PARTS),
            load_contents_by_id(native_id, counted),
        )
        assert derived.groups == counted_by_psn.groups
        assert derived.title is not None
        assert counted_by_psn.title is not None
        assert derived.title.earned_counts == counted_by_psn.title.earned_counts
        assert derived.title.progress == counted_by_psn.title.progress
        assert derived.title.last_updated_at == counted_by_psn.title.last_updated_at


def test_groups_have_names_and_defined_and_earned_counts() -> None:
    found = load_contents_by_id("NPWR00001_00", Part.GROUPS | Part.GROUP_PROGRESS)
    assert found.groups is not None
    default, island = found.groups
    assert (default.native_id, default.progress) == ("default", 72)
    assert (island.name, island.progress) == ("The Lost Island", 0)
    assert island.defined_counts is not None
    assert island.defined_counts.total == 2
    assert island.earned_counts is not None
    assert (island.earned_counts.total, island.last_updated_at) == (0, None)


def test_missing_title_account_and_privacy_are_different_errors() -> None:
    async def scenario(client: PsnClient) -> list[ProviderError]:
        keys = [
            ContentsKey(None, make_title("NPWR99999_00"), Part.DEFINITIONS),
            ContentsKey("me", make_title("NPWR00017_00"), Part.DEFINITIONS | Part.EARNED),
            ContentsKey(STRANGER_ACCOUNT_ID, make_title("NPWR00001_00"), Part.EARNED),
            ContentsKey("12345", make_title("NPWR00001_00"), Part.EARNED),
        ]
        found = await client.get_contents(keys)
        assert all(isinstance(outcome, ProviderError) for outcome in found)
        return [outcome for outcome in found if isinstance(outcome, ProviderError)]

    unknown, never_played, private, not_found = run_with_client(scenario)
    assert isinstance(unknown, NotFound)
    assert unknown.message == "PSN has no title with this id."
    assert isinstance(never_played, NotFound)
    assert isinstance(private, Private)
    assert isinstance(not_found, NotFound)


def test_one_failing_title_fails_alone() -> None:
    async def scenario(client: PsnClient) -> list[bool]:
        keys = [
            ContentsKey("me", make_title(name), Part.DEFINITIONS)
            for name in ("NPWR00001_00", "NPWR99999_00", "NPWR00002_00")
        ]
        return [isinstance(outcome, ProviderError) for outcome in await client.get_contents(keys)]

    assert run_with_client(scenario) == [False, True, False]


def test_a_trophy_with_only_a_definition_or_earned_state_keeps_its_position() -> None:
    sandbox = create_sandbox()
    rows = [
        {"trophyId": 99, "trophyHidden": True, "earned": True, "trophyType": "gold"},
        {"trophyId": 1, "earned": True, "trophyHidden": False},
    ]
    body = {"trophies": rows, "trophySetVersion": "01.03"}
    sandbox.faults.append(InjectedFault("users/me/.*/all/trophies", 200, body, JSON))
    found = index_trophies(load_contents_by_id("NPWR00001_00", ALL_PARTS, sandbox))
    assert list(found) == ["0", "1", "2", "3", "4", "5", "6", "7", "99"]
    assert (found["1"].earned, found["1"].name) == (True, "The Long Road")
    assert (found["0"].earned, found["0"].name) == (False, "Quest Complete")
    assert (found["99"].name, found["99"].grade) == (None, TrophyGrade.GOLD)


def test_groups_that_cannot_be_derived_from_trophies_are_loaded() -> None:
    sandbox = create_sandbox()
    rows = [{"trophyId": 0, "trophyType": "platinum"}]
    body = {"lastUpdatedDateTime": "2026-01-01T00:00:00Z", "trophies": rows}
    sandbox.faults.append(InjectedFault("users/me/.*/all/trophies", 200, body, JSON))
    counted = load_contents_by_id("NPWR00001_00", Part.GROUPS | Part.GROUP_PROGRESS)

    whole = load_contents_by_id("NPWR00001_00", ALL_PARTS, sandbox)

    assert whole.groups == counted.groups
    assert count_calls(sandbox)[EARNED_GROUPS] == 1


def test_unavailable_group_progress_leaves_the_trophies_intact() -> None:
    sandbox = create_sandbox()
    rows = [{"trophyId": 0, "trophyType": "platinum"}]
    body = {"lastUpdatedDateTime": "2026-01-01T00:00:00Z", "trophies": rows}
    sandbox.faults.append(InjectedFault("users/me/.*/all/trophies", 200, body, JSON))
    refused = {"error": {"code": 2240526}}
    sandbox.faults.append(InjectedFault("users/me/.*/trophyGroups.npS", 403, refused, JSON))

    whole = load_contents_by_id("NPWR00001_00", ALL_PARTS, sandbox)

    assert [group.progress for group in whole.groups or ()] == [None, 0]
    assert index_trophies(whole)["1"].earned is False
