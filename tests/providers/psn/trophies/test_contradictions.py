"""Sets, counters and rows that change although the version of the set does not."""

import time
from dataclasses import replace

import pytest

from providers.capabilities import TitlePageKey
from providers.kit.request_context import RequestContext, set_current
from providers.kit.sandbox import InjectedFault
from providers.psn.cached_records import GroupDefinitions
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import PsnSandbox, create_sandbox
from providers.psn.sandbox.constants import OWNER_ACCOUNT_ID
from providers.psn.trophies.contradictions import build_revision, is_older_than_row
from providers.records import Contents, Part, Title, TrophyCounts
from tests.providers.psn.harness import JSON, count_calls, make_title, run_with_client, unwrap
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

TITLE_ID = "NPWR00001_00"
TROPHIES_WITHOUT_PROGRESS = ALL_PARTS & ~(Part.GROUP_PROGRESS | Part.TITLE_PROGRESS)


def start_request(*, no_cache: bool = False) -> None:
    """Start the next request of a scenario."""
    deadline = time.monotonic() + 60
    set_current(RequestContext(deadline=deadline, bypass_cache=no_cache))


def grow_set_in_place(sandbox: PsnSandbox, group_id: str = "default") -> str:
    """Add a trophy to a set whose version stays; return the trophy's id."""
    version = sandbox.database.trophy_sets[TITLE_ID].version
    trophy_id = sandbox.add_trophy(TITLE_ID, "Afterwards", group_id=group_id)
    grown_set = sandbox.database.trophy_sets[TITLE_ID]
    sandbox.database.trophy_sets[TITLE_ID] = replace(grown_set, version=version)
    return str(trophy_id)


def remove_trophy(sandbox: PsnSandbox, trophy_id: int) -> None:
    """Remove a trophy from the definitions; the accounts' rows keep it."""
    trophy_set = sandbox.database.trophy_sets[TITLE_ID]
    remaining = tuple(each for each in trophy_set.trophies if each.trophy_id != trophy_id)
    sandbox.database.trophy_sets[TITLE_ID] = replace(trophy_set, trophies=remaining)


async def load_listed(client: PsnClient, *, no_cache: bool = False) -> Contents:
    """Load everything of the title in a request of its own, with a row that was just listed."""
    start_request(no_cache=no_cache)
    page = await client.get_titles([TitlePageKey("me", bypass_cache=True)])
    title = next(each for each in unwrap(page[0]).titles if each.native_id == TITLE_ID)
    return await load_contents(client, title, ALL_PARTS)


def count_group_trophies(contents: Contents) -> int:
    counts = [group.defined_counts for group in contents.groups or ()]
    return sum(each.total for each in counts if each is not None)


def test_a_set_that_grew_at_the_same_version_is_loaded_again_at_once() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> Contents:
        await load_listed(client)
        await load_listed(client)
        assert count_calls(sandbox)[DEFINITIONS] == 1
        grow_set_in_place(sandbox)
        return await load_listed(client)

    found = run_with_client(scenario, sandbox)
    added = index_trophies(found)["8"]
    assert (added.name, added.group_id, added.earned) == ("Afterwards", "default", False)
    assert count_group_trophies(found) == 9
    assert count_calls(sandbox)[DEFINITIONS] == 2
    assert count_calls(sandbox)[DEFINED_GROUPS] == 2


def test_no_cache_loads_corrected_texts_and_moved_counters() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> Contents:
        await load_listed(client)
        trophy_set = sandbox.database.trophy_sets[TITLE_ID]
        first, *others = trophy_set.trophies
        renamed = replace(first, name=trophy_set.trophies[1].name)
        sandbox.database.trophy_sets[TITLE_ID] = replace(trophy_set, trophies=(renamed, *others))
        counters = sandbox.database.trophy_progress[OWNER_ACCOUNT_ID, TITLE_ID].counters
        counters[2] = (7, counters[2][1])
        return await load_listed(client, no_cache=True)

    found = index_trophies(run_with_client(scenario, sandbox))
    assert found["0"].name == "The Long Road"
    assert found["2"].progress is not None
    assert found["2"].progress.current == 7


def test_a_trophy_that_the_definitions_lack_makes_them_load_again() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> Contents:
        start_request()
        title = make_title(TITLE_ID, service_name="trophy2")
        await load_contents(client, title, Part.DEFINITIONS | Part.GROUPS, None)
        grow_set_in_place(sandbox, "001")
        start_request()
        return await load_contents(client, title, TROPHIES_WITHOUT_PROGRESS)

    found = run_with_client(scenario, sandbox)
    assert index_trophies(found)["8"].name == "Afterwards"
    assert count_calls(sandbox) == {DEFINED_GROUPS: 1, DEFINITIONS: 2, EARNED: 1}


@pytest.mark.parametrize(
    ("wanted", "evidence"),
    [(Part.GROUP_PROGRESS, EARNED_GROUPS), (Part.DEFINITIONS, DEFINITIONS)],
    ids=["of progress", "of trophies"],
)
def test_a_group_that_the_groups_lack_makes_them_load_again(wanted: Part, evidence: str) -> None:
    sandbox = create_sandbox()
    whole_set = sandbox.database.trophy_sets[TITLE_ID]
    smaller_set = replace(
        whole_set,
        groups=whole_set.groups[:1],
        trophies=tuple(each for each in whole_set.trophies if each.group_id == "default"),
    )
    title = make_title(TITLE_ID, service_name="trophy2")

    async def scenario(client: PsnClient) -> Contents:
        sandbox.database.trophy_sets[TITLE_ID] = smaller_set
        start_request()
        await load_contents(client, title, Part.GROUPS, None)
        sandbox.database.trophy_sets[TITLE_ID] = whole_set
        start_request()
        return await load_contents(client, title, Part.GROUPS | wanted)

    found = run_with_client(scenario, sandbox)
    assert [group.name is None for group in found.groups or ()] == [False, False]
    assert count_calls(sandbox) == {DEFINED_GROUPS: 2, evidence: 1}


def test_a_contradiction_that_stays_is_not_asked_for_again_with_each_request() -> None:
    sandbox = create_sandbox()
    rows = [{"trophyId": 99, "trophyType": "gold", "earned": True, "trophyGroupId": "default"}]
    body = {"trophies": rows, "trophySetVersion": "01.02"}
    sandbox.faults.append(InjectedFault("users/me/.*/all/trophies", 200, body, JSON))

    async def scenario(client: PsnClient) -> None:
        for _ in range(4):
            start_request()
            title = make_title(TITLE_ID, service_name="trophy2")
            await load_contents(client, title, TROPHIES_WITHOUT_PROGRESS)

    run_with_client(scenario, sandbox)
    assert count_calls(sandbox)[DEFINITIONS] == 1


def test_an_unlock_that_the_row_counts_and_the_trophies_lack_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> bool | None:
        title = await find_listed_title(client, TITLE_ID)
        sandbox.unlock(OWNER_ACCOUNT_ID, TITLE_ID, 2, "2026-06-01T00:00:00Z")
        start_request()
        page = unwrap((await client.get_titles([TitlePageKey("me", bypass_cache=True)]))[0])
        row = next(each for each in page.titles if each.native_id == TITLE_ID)
        # PSN's own cache still answers with the trophies from before the unlock.
        unlocked = sandbox.database.trophy_progress[OWNER_ACCOUNT_ID, TITLE_ID].earned.pop(2)
        found = index_trophies(await load_contents(client, row, Part.EARNED))
        assert (title.earned_count, found["2"].earned) == (3, False)
        sandbox.database.trophy_progress[OWNER_ACCOUNT_ID, TITLE_ID].earned[2] = unlocked
        monkeypatch.setattr("providers.psn.trophies.contradictions.UPSTREAM_CACHE_SECONDS", 0)
        start_request()
        return index_trophies(await load_contents(client, row, Part.EARNED))["2"].earned

    assert run_with_client(scenario, sandbox) is True
    assert count_calls(sandbox)[EARNED] == 2


def test_a_failed_second_load_keeps_the_first_result() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> Contents:
        start_request()
        title = make_title(TITLE_ID, service_name="trophy2")
        await load_contents(client, title, Part.DEFINITIONS, None)
        grow_set_in_place(sandbox)
        refusal = InjectedFault("v1/npCommunicationIds/.*/all/trophies", 403, {}, JSON)
        sandbox.faults.append(refusal)
        start_request()
        return await load_contents(client, title, Part.DEFINITIONS | Part.EARNED)

    found = index_trophies(run_with_client(scenario, sandbox))
    assert (found["0"].name, found["8"].name) == ("Quest Complete", None)


def test_trophies_that_the_player_has_yet_to_sync_are_locked() -> None:
    sandbox = create_sandbox()
    added_id = grow_set_in_place(sandbox, "001")
    rows = [{"trophyId": number, "trophyType": "bronze", "earned": True} for number in range(8)]
    body = {"trophies": rows, "trophySetVersion": "01.02"}
    sandbox.faults.append(InjectedFault("users/me/.*/all/trophies", 200, body, JSON))
    added = index_trophies(load_contents_by_id(TITLE_ID, ALL_PARTS, sandbox))[added_id]
    assert (added.earned, added.name, added.group_id) == (False, "Afterwards", "001")


def test_the_row_of_a_player_who_has_yet_to_sync_causes_no_more_calls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> Contents:
        title = await find_listed_title(client, TITLE_ID)
        grow_set_in_place(sandbox)
        monkeypatch.setattr("providers.psn.trophies.definitions.UPSTREAM_CACHE_SECONDS", 0)
        for _ in range(2):
            start_request()
            await load_contents(client, title, Part.DEFINITIONS, None)
        return await load_contents(client, title, Part.DEFINITIONS, None)

    assert len(index_trophies(run_with_client(scenario, sandbox))) == 9
    assert count_calls(sandbox)[DEFINITIONS] == 1


def test_an_earned_trophy_that_was_removed_still_counts_in_the_only_group() -> None:
    sandbox = create_sandbox()
    trophy_set = sandbox.database.trophy_sets[TITLE_ID]
    base = tuple(each for each in trophy_set.trophies if each.group_id == "default")
    sandbox.database.trophy_sets[TITLE_ID] = replace(
        trophy_set, groups=trophy_set.groups[:1], trophies=base[:-1]
    )
    rows = [
        {"trophyId": each.trophy_id, "trophyType": each.grade, "earned": each is base[-1]}
        for each in base
    ]
    body = {"trophies": rows, "trophySetVersion": "01.02"}
    sandbox.faults.append(InjectedFault("users/me/.*/all/trophies", 200, body, JSON))
    found = load_contents_by_id(TITLE_ID, ALL_PARTS, sandbox)
    assert found.groups is not None
    (group,) = found.groups
    assert group.earned_counts is not None
    assert group.earned_counts.total == 1
    assert index_trophies(found)[str(base[-1].trophy_id)].group_id == "default"
    assert EARNED_GROUPS not in count_calls(sandbox)


def test_psn_counts_the_groups_of_a_removed_trophy_whose_group_is_unknown() -> None:
    sandbox = create_sandbox()
    counted = load_contents_by_id(TITLE_ID, Part.GROUPS | Part.GROUP_PROGRESS)
    rows = [{"trophyId": 99, "trophyType": "gold", "earned": True}]
    body = {"trophies": rows, "trophySetVersion": "01.02"}
    sandbox.faults.append(InjectedFault("users/me/.*/all/trophies", 200, body, JSON))
    assert load_contents_by_id(TITLE_ID, ALL_PARTS, sandbox).groups == counted.groups
    assert count_calls(sandbox)[EARNED_GROUPS] == 1


@pytest.mark.parametrize(
    ("version", "total", "expected"),
    [
        ("01.00", 7, True),
        ("01.02", 9, False),
        ("01.01", 7, False),
        ("01.01", 8, True),
        ("01.01", 9, True),
    ],
)
def test_definitions_are_older_than_a_row_of_a_later_version_or_of_more_trophies(
    version: str, total: int, expected: bool
) -> None:
    defined = Title(native_id=TITLE_ID, defined_counts=TrophyCounts(bronze=8))
    definitions = GroupDefinitions(version=version, title=defined, groups=())
    counts = TrophyCounts(silver=total)
    row = Title(native_id=TITLE_ID, set_version="01.01", defined_counts=counts)
    assert is_older_than_row(definitions, row) is expected


def test_a_revision_contains_the_version_and_the_counts() -> None:
    counts = TrophyCounts(bronze=3, silver=2, gold=1, platinum=1)
    assert build_revision("01.00", counts) == "01.00 3-2-1-1"
    assert build_revision("01.00", None) == "01.00"
    assert build_revision(None, counts) == " 3-2-1-1"
    assert build_revision(None, None) == ""
