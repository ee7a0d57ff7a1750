"""What is inside titles, and how few calls it takes."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from providers.capabilities import ContentsKey, TitlesKey
from providers.errors import NotFound, Private, ProviderError
from providers.kit.sandbox import Fault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import PsnSandbox, psn_sandbox
from providers.psn.sandbox.world import (
    OWNER_ACCOUNT_ID,
    STRANGER_ACCOUNT_ID,
)
from providers.records import (
    Achievement,
    AchievementProgress,
    Contents,
    Part,
    RarityBand,
    Title,
    TrophyGrade,
)
from tests.providers.psn.asking import TROPHY, ask, calls, title, value

ALL = Part(sum(part.value for part in Part))
OF_SET = f"{TROPHY}/npCommunicationIds/NPWR00001_00/trophyGroups"
OF_PLAYER = f"{TROPHY}/users/me/npCommunicationIds/NPWR00001_00/trophyGroups"
DEFINED_GROUPS, DEFINITIONS = OF_SET, f"{OF_SET}/all/trophies"
EARNED_GROUPS, EARNED = OF_PLAYER, f"{OF_PLAYER}/all/trophies"
JSON = {"content-type": "application/json"}


async def listed(client: PsnClient, native_id: str, handle: str = "me") -> Title:
    page = value((await client.titles([TitlesKey(handle)]))[0])
    return next(known for known in page.titles if known.native_id == native_id)


async def contents(
    client: PsnClient, known: Title, wanted: Part, handle: str | None = "me"
) -> Contents:
    return value((await client.contents([ContentsKey(handle, known, wanted)]))[0])


def asked(
    native_id: str,
    wanted: Part,
    sandbox: PsnSandbox | None = None,
    handle: str | None = "me",
    **known: str,
) -> Contents:
    """The contents of a title of which nothing but this is known."""

    async def question(client: PsnClient) -> Contents:
        return await contents(client, title(native_id, **known), wanted, handle)

    return ask(question, sandbox)


def trophies(found: Contents) -> Mapping[str, Achievement]:
    assert found.achievements is not None
    return {trophy.native_id: trophy for trophy in found.achievements}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Part.NOTHING, set[str]()),
        (Part.GROUPS, {DEFINED_GROUPS}),
        (Part.TITLE | Part.GROUPS, {DEFINED_GROUPS}),
        (Part.GROUP_PROGRESS | Part.TITLE_PROGRESS, {EARNED_GROUPS}),
        (Part.DEFINITIONS, {DEFINITIONS}),
        (Part.EARNED | Part.RARITY, {EARNED}),
        (Part.DEFINITIONS | Part.EARNED, {DEFINITIONS, EARNED}),
        (Part.DEFINITIONS | Part.EARNED | Part.GROUP_PROGRESS, {DEFINITIONS, EARNED}),
        (Part.DEFINITIONS | Part.GROUP_PROGRESS, {DEFINITIONS, EARNED_GROUPS}),
        (ALL, {DEFINED_GROUPS, DEFINITIONS, EARNED}),
    ],
)
def test_each_part_costs_just_its_call(wanted: Part, expected: set[str]) -> None:
    sandbox = psn_sandbox()
    asked("NPWR00001_00", wanted, sandbox, service_name="trophy2")
    assert calls(sandbox) == dict.fromkeys(expected, 1)


@pytest.mark.parametrize(
    ("fails", "expected"),
    [
        ("nothing", {DEFINITIONS, EARNED}),
        ("users/me/.*/trophies", {DEFINITIONS, EARNED, EARNED_GROUPS}),
    ],
)
def test_progress_is_read_off_the_trophies_that_another_question_asks_for(
    fails: str, expected: set[str]
) -> None:
    sandbox = psn_sandbox()
    sandbox.faults.append(Fault(fails, status=403, body={}, headers=JSON))
    known = title("NPWR00001_00", service_name="trophy2")
    parts = (Part.GROUP_PROGRESS, Part.DEFINITIONS | Part.EARNED)

    async def question(client: PsnClient) -> Contents:
        progress, _ = await client.contents([ContentsKey("me", known, part) for part in parts])
        return value(progress)

    found = ask(question, sandbox)
    assert found.groups is not None
    assert [group.progress for group in found.groups] == [
        group.progress for group in asked("NPWR00001_00", Part.GROUP_PROGRESS).groups or ()
    ]
    assert calls(sandbox) == dict.fromkeys(expected, 1)


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
def test_progress_is_read_off_the_trophies_that_are_remembered(
    before: Part, expected: Mapping[str, int], is_listed: bool
) -> None:
    sandbox = psn_sandbox()

    async def question(client: PsnClient) -> Contents:
        known = title("NPWR00001_00", service_name="trophy2")
        if is_listed:
            known = await listed(client, "NPWR00001_00")
        await contents(client, known, before)
        return await contents(client, known, Part.GROUP_PROGRESS)

    def told(found: Contents) -> list[Any]:
        groups = found.groups or ()
        return [(each.progress, each.earned_counts, each.last_updated_at) for each in groups]

    by_psn = asked("NPWR00001_00", Part.GROUP_PROGRESS, service_name="trophy2")
    assert told(ask(question, sandbox)) == told(by_psn) != []
    made = calls(sandbox)
    made.pop(f"{TROPHY}/users/me/trophyTitles", None)
    assert made == expected


def test_definitions_that_the_list_led_to_are_there_for_a_title_without_a_version() -> None:
    sandbox = psn_sandbox()

    async def question(client: PsnClient) -> Contents:
        await contents(client, await listed(client, "NPWR00001_00"), Part.DEFINITIONS)
        known = title("NPWR00001_00", service_name="trophy2")
        await contents(client, known, Part.EARNED)
        return await contents(client, known, Part.GROUP_PROGRESS)

    groups = ask(question, sandbox).groups or ()
    assert [each.progress for each in groups if each.progress is not None] != []
    assert EARNED_GROUPS not in calls(sandbox)
    assert calls(sandbox)[DEFINITIONS] == 1


@pytest.mark.parametrize("listed_first", [True, False])
def test_definitions_are_asked_for_once_whichever_ways_lead_to_them_at_once(
    *, listed_first: bool
) -> None:
    sandbox = psn_sandbox()
    wanted = Part.DEFINITIONS | Part.GROUPS

    async def question(client: PsnClient) -> None:
        unversioned = title("NPWR00001_00", service_name="trophy2")
        ways = [await listed(client, "NPWR00001_00"), unversioned]
        ordered = ways if listed_first else ways[::-1]
        await asyncio.gather(*(contents(client, each, wanted) for each in ordered))

    ask(question, sandbox)
    assert (calls(sandbox)[DEFINITIONS], calls(sandbox)[DEFINED_GROUPS]) == (1, 1)


def test_definitions_that_failed_on_one_way_are_there_on_the_other() -> None:
    sandbox = psn_sandbox()
    sandbox.faults.append(Fault("/npCommunicationIds/.*all/trophies", 200, "{", JSON, times=1))

    async def question(client: PsnClient) -> list[Contents | BaseException]:
        unversioned = title("NPWR00001_00", service_name="trophy2")
        ways = [unversioned, await listed(client, "NPWR00001_00")]
        asked = (contents(client, each, Part.DEFINITIONS, None) for each in ways)
        return await asyncio.gather(*asked, return_exceptions=True)

    failed, found = ask(question, sandbox)
    assert isinstance(failed, ProviderError)
    assert isinstance(found, Contents)
    assert trophies(found)


def test_without_a_player_only_definitions_are_asked_for() -> None:
    sandbox = psn_sandbox()
    found = asked("NPWR00001_00", ALL, sandbox, None, service_name="trophy2")
    assert calls(sandbox) == {DEFINED_GROUPS: 1, DEFINITIONS: 1}
    assert {trophy.earned for trophy in trophies(found).values()} == {None}
    assert {trophy.progress for trophy in trophies(found).values()} == {None}


def test_everything_about_a_trophy_is_joined() -> None:
    found = trophies(asked("NPWR00001_00", ALL))
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


def test_a_secret_trophy_keeps_its_name() -> None:
    secret = trophies(asked("NPWR00001_00", ALL))["2"]
    assert (secret.hidden, secret.name) == (True, "Nine Lanterns")


def test_a_counter_is_open_untouched_or_full() -> None:
    sandbox = psn_sandbox()
    found = trophies(asked("NPWR00001_00", ALL, sandbox))
    assert found["2"].progress == AchievementProgress(
        current=4, target=9, percent=44, updated_at=datetime(2026, 5, 3, 10, tzinfo=UTC)
    )
    sandbox.unlock(OWNER_ACCOUNT_ID, "NPWR00001_00", 2, "2026-06-01T00:00:00Z")
    full = trophies(asked("NPWR00001_00", ALL, sandbox))["2"]
    assert full.progress == AchievementProgress(current=9, target=9, percent=100)


def test_a_counter_that_psn_does_not_tell_is_not_known() -> None:
    sandbox = psn_sandbox()
    sandbox.world.standings[OWNER_ACCOUNT_ID, "NPWR00001_00"].counters.clear()
    found = trophies(asked("NPWR00001_00", ALL, sandbox))["2"]
    assert found.progress is None


def test_a_reward_is_named_and_shown() -> None:
    reward = trophies(asked("NPWR00003_00", ALL))["2"].reward
    assert reward is not None
    assert reward.name == "Yellow Raincoat"
    assert reward.image is not None


def test_groups_derived_from_trophies_are_those_that_psn_counts() -> None:
    counted = Part.GROUPS | Part.GROUP_PROGRESS | Part.TITLE_PROGRESS
    for native_id in ("NPWR00001_00", "NPWR00003_00", "NPWR00004_00", "NPWR00007_00"):
        derived, told = asked(native_id, ALL), asked(native_id, counted)
        assert derived.groups == told.groups
        assert derived.title is not None
        assert told.title is not None
        assert derived.title.earned_counts == told.title.earned_counts
        assert derived.title.progress == told.title.progress
        assert derived.title.last_updated_at == told.title.last_updated_at


def test_groups_have_names_and_what_they_define_and_what_is_earned() -> None:
    found = asked("NPWR00001_00", Part.GROUPS | Part.GROUP_PROGRESS)
    assert found.groups is not None
    default, island = found.groups
    assert (default.native_id, default.progress) == ("default", 72)
    assert (island.name, island.progress) == ("The Lost Island", 0)
    assert island.defined_counts is not None
    assert island.defined_counts.total == 2
    assert island.earned_counts is not None
    assert (island.earned_counts.total, island.last_updated_at) == (0, None)


def test_the_title_is_what_was_known_and_what_was_found() -> None:
    found = asked("NPWR00002_00", Part.TITLE, None, None, set_version="01.01")
    assert found.title is not None
    assert (found.title.name, found.title.service_name) == ("Sample Quest", "trophy")
    assert (found.title.platforms, found.title.progress) == (("PS4",), None)
    assert (found.groups, found.achievements) == (None, None)


def test_an_unknown_service_is_tried_once_and_remembered() -> None:
    sandbox = psn_sandbox()

    async def question(client: PsnClient) -> None:
        for wanted in (Part.DEFINITIONS, Part.GROUPS, ALL):
            await contents(client, title("NPWR00002_00"), wanted)

    ask(question, sandbox)
    asked_for = [request.url.params["npServiceName"] for request in sandbox.log[1:]]
    assert asked_for == ["trophy2", "trophy", "trophy", "trophy"]


def test_the_service_of_the_row_is_believed() -> None:
    sandbox = psn_sandbox()

    async def question(client: PsnClient) -> None:
        for native_id in ("NPWR00001_00", "NPWR00007_00"):
            await contents(client, await listed(client, native_id), ALL)

    ask(question, sandbox)
    services = {
        request.url.path.split("npCommunicationIds/")[1][:12]: request.url.params["npServiceName"]
        for request in sandbox.log
        if "npCommunicationIds" in request.url.path
    }
    assert services == {"NPWR00001_00": "trophy2", "NPWR00007_00": "trophy"}


def test_what_is_not_there_is_told_by_what_is_missing() -> None:
    async def question(client: PsnClient) -> list[ProviderError]:
        keys = [
            ContentsKey(None, title("NPWR99999_00"), Part.DEFINITIONS),
            ContentsKey("me", title("NPWR00017_00"), Part.DEFINITIONS | Part.EARNED),
            ContentsKey(STRANGER_ACCOUNT_ID, title("NPWR00001_00"), Part.EARNED),
            ContentsKey("12345", title("NPWR00001_00"), Part.EARNED),
        ]
        found = await client.contents(keys)
        assert all(isinstance(one, ProviderError) for one in found)
        return [one for one in found if isinstance(one, ProviderError)]

    unknown, never_played, private, nobody = ask(question)
    assert isinstance(unknown, NotFound)
    assert unknown.message == "There is no such title."
    assert isinstance(never_played, NotFound)
    assert isinstance(private, Private)
    assert isinstance(nobody, NotFound)


def test_one_failing_title_fails_alone() -> None:
    async def question(client: PsnClient) -> list[bool]:
        keys = [
            ContentsKey("me", title(name), Part.DEFINITIONS)
            for name in ("NPWR00001_00", "NPWR99999_00", "NPWR00002_00")
        ]
        return [isinstance(one, ProviderError) for one in await client.contents(keys)]

    assert ask(question) == [False, True, False]


def test_definitions_are_asked_for_again_only_when_their_version_changes() -> None:
    sandbox = psn_sandbox()

    async def question(client: PsnClient) -> tuple[int, int]:
        known = title("NPWR00001_00", service_name="trophy2", set_version="01.02")
        before = await contents(client, known, Part.DEFINITIONS, None)
        assert await contents(client, known, Part.DEFINITIONS, None) == before
        sandbox.add_trophy("NPWR00001_00", "Afterwards")
        known = title("NPWR00001_00", service_name="trophy2", set_version="01.03")
        after = await contents(client, known, Part.DEFINITIONS, None)
        return len(trophies(before)), len(trophies(after))

    assert ask(question, sandbox) == (8, 9)
    assert calls(sandbox) == {DEFINITIONS: 2}


@pytest.mark.parametrize("versions", [("01.02", None), (None, "01.02"), (None, None)], ids=str)
def test_definitions_are_the_same_whether_the_way_to_them_tells_their_version(
    versions: tuple[str | None, str | None],
) -> None:
    sandbox = psn_sandbox()

    async def question(client: PsnClient) -> list[Contents]:
        return [
            await contents(
                client,
                title("NPWR00001_00", service_name="trophy2", set_version=version),
                Part.DEFINITIONS | Part.GROUPS,
                None,
            )
            for version in versions
        ]

    first, second = ask(question, sandbox)
    assert (first.achievements, first.groups) == (second.achievements, second.groups)
    assert calls(sandbox) == {DEFINED_GROUPS: 1, DEFINITIONS: 1}


def test_what_was_earned_is_asked_for_again_only_when_the_title_has_moved() -> None:
    sandbox = psn_sandbox()

    async def question(client: PsnClient) -> None:
        for version in ("1", "1", "2"):
            known = title("NPWR00001_00", service_name="trophy2", earned_version=version)
            await contents(client, known, Part.EARNED)
            await contents(client, known, Part.GROUP_PROGRESS)

    ask(question, sandbox)
    assert calls(sandbox) == {EARNED: 2, EARNED_GROUPS: 2}


def test_a_trophy_that_only_one_side_knows_keeps_its_place() -> None:
    sandbox = psn_sandbox()
    rows = [
        {"trophyId": 99, "trophyHidden": True, "earned": True, "trophyType": "gold"},
        {"trophyId": 1, "earned": True, "trophyHidden": False},
    ]
    body = {"trophies": rows, "trophySetVersion": "01.03"}
    sandbox.faults.append(Fault("users/me/.*/all/trophies", 200, body, JSON))
    found = trophies(asked("NPWR00001_00", ALL, sandbox))
    assert list(found) == ["0", "1", "2", "3", "4", "5", "6", "7", "99"]
    assert (found["1"].earned, found["1"].name) == (True, "The Long Road")
    assert (found["0"].earned, found["0"].name) == (None, "Quest Complete")
    assert (found["99"].name, found["99"].grade) == (None, TrophyGrade.GOLD)


def test_a_page_that_follows_is_fetched_and_one_that_leads_back_is_not() -> None:
    sandbox = psn_sandbox()
    first = {"trophies": [{"trophyId": 0}], "nextOffset": 1}
    last = {"trophies": [{"trophyId": 1}], "nextOffset": 1}
    sandbox.faults += [
        Fault(r"all/trophies.*offset=1", 200, last, JSON),
        Fault(r"all/trophies", 200, first, JSON),
    ]
    found = trophies(asked("NPWR00001_00", Part.DEFINITIONS, sandbox, service_name="trophy2"))
    assert list(found) == ["0", "1"]
    assert calls(sandbox) == {DEFINITIONS: 2}


@pytest.mark.parametrize(
    ("row", "band"),
    [
        ({"trophyRare": 3, "trophyEarnedRate": "1.0"}, RarityBand.COMMON),
        ({"trophyRare": 9, "trophyEarnedRate": "1.0"}, RarityBand.ULTRA_RARE),
        ({"trophyEarnedRate": 12}, RarityBand.VERY_RARE),
        ({"trophyEarnedRate": "120"}, None),
        ({"trophyRare": 1}, None),
        ({"trophyEarnedRate": "nan"}, None),
    ],
)
def test_the_band_is_psns_own_where_it_is_known(
    row: dict[str, object], band: RarityBand | None
) -> None:
    sandbox = psn_sandbox()
    body = {"trophies": [{"trophyId": 0, "earned": False, **row}]}
    sandbox.faults.append(Fault("users/me/.*/all/trophies", 200, body, JSON))
    rarity = trophies(asked("NPWR00001_00", Part.RARITY, sandbox, service_name="trophy2"))["0"]
    assert (rarity.rarity and rarity.rarity.band) == band


def test_contents_are_as_old_as_their_oldest_part() -> None:
    async def question(client: PsnClient) -> bool:
        known = title("NPWR00001_00", service_name="trophy2")
        first = (await client.contents([ContentsKey(None, known, Part.GROUPS)]))[0]
        whole = (await client.contents([ContentsKey("me", known, ALL)]))[0]
        assert not isinstance(first, ProviderError)
        assert not isinstance(whole, ProviderError)
        return whole.fetched_at <= first.fetched_at

    assert ask(question)


def test_groups_that_the_trophies_do_not_tell_are_asked_for_by_themselves() -> None:
    sandbox = psn_sandbox()
    rows = [{"trophyId": 0, "trophyType": "platinum", "earned": False}]
    body = {"lastUpdatedDateTime": "2026-01-01T00:00:00Z", "trophies": rows}
    sandbox.faults.append(Fault("users/me/.*/all/trophies", 200, body, JSON))
    told = asked("NPWR00001_00", Part.GROUPS | Part.GROUP_PROGRESS)

    whole = asked("NPWR00001_00", ALL, sandbox)

    assert whole.groups == told.groups
    assert calls(sandbox)[EARNED_GROUPS] == 1


def test_groups_that_nobody_tells_are_unknown_and_the_trophies_are_not() -> None:
    sandbox = psn_sandbox()
    rows = [{"trophyId": 0, "trophyType": "platinum", "earned": False}]
    body = {"lastUpdatedDateTime": "2026-01-01T00:00:00Z", "trophies": rows}
    sandbox.faults.append(Fault("users/me/.*/all/trophies", 200, body, JSON))
    refused = {"error": {"code": 2240526}}
    sandbox.faults.append(Fault("users/me/.*/trophyGroups.npS", 403, refused, JSON))

    whole = asked("NPWR00001_00", ALL, sandbox)

    assert {group.progress for group in whole.groups or ()} == {None}
    assert trophies(whole)["0"].earned is False
