"""Rows of title lists as records."""

from datetime import UTC, datetime

import pytest

from providers.kit.sandbox import InjectedFault
from providers.psn.sandbox.app import create_sandbox
from providers.psn.sandbox.constants import OWNER_ACCOUNT_ID
from providers.psn.trophies.title_mapping import PLATFORMS_BY_TEXT
from providers.records import TrophyCounts
from tests.providers.psn.harness import JSON, run_with_client
from tests.providers.psn.trophies.title_harness import find_title, load_own_titles


def test_a_title_has_all_fields_of_its_row() -> None:
    found = find_title(run_with_client(load_own_titles), "NPWR00001_00")
    assert found.name == "Sample Quest"
    assert found.platforms == ("PS5", "PSPC")
    assert (found.service_name, found.set_version) == ("trophy2", "01.02")
    assert (found.has_groups, found.hidden_by_owner, found.progress) == (True, False, 57)
    assert found.defined_counts == TrophyCounts(bronze=4, silver=2, gold=1, platinum=1)
    assert found.earned_counts == TrophyCounts(bronze=2, silver=0, gold=1, platinum=0)
    assert (found.achievement_count, found.earned_count) == (8, 3)
    assert found.last_updated_at == datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
    assert found.definition_version == "01.02"


@pytest.mark.parametrize(
    ("text", "platforms"),
    [
        ("PS4", ("PS4",)),
        (" PS5,, PSPC ", ("PS5", "PSPC")),
        (" , ", None),
        ("", None),
    ],
)
def test_platforms_are_separated_by_commas(text: str, platforms: tuple[str, ...] | None) -> None:
    assert PLATFORMS_BY_TEXT[text] == platforms


def test_equal_platforms_are_in_memory_once_and_those_of_a_long_text_are_not_kept() -> None:
    assert PLATFORMS_BY_TEXT["PS3,PSVITA"] is PLATFORMS_BY_TEXT["PS3,PSVITA"]
    long = "PS3,PSVITA,PS4,PS5,PSPC"
    assert PLATFORMS_BY_TEXT[long] is not PLATFORMS_BY_TEXT[long]


def test_the_detail_is_null_for_the_newer_service() -> None:
    page = run_with_client(load_own_titles)
    assert find_title(page, "NPWR00001_00").detail is None
    assert find_title(page, "NPWR00002_00").detail is not None


def test_incomplete_counts_are_null() -> None:
    sandbox = create_sandbox()
    row = {"npCommunicationId": "NPWR00009_00", "earnedTrophies": {"bronze": 1}}
    sandbox.faults.append(InjectedFault("trophyTitles", 200, {"trophyTitles": [row]}, JSON))
    (found,) = run_with_client(load_own_titles, sandbox).titles
    assert (found.earned_counts, found.earned_count, found.earned_version) == (None, None, None)


def test_the_earned_version_changes_with_every_trophy() -> None:
    versions: list[str | None] = []
    sandbox = create_sandbox()
    for trophy_id in (None, 4, 5):
        if trophy_id is not None:
            when = "2026-06-01T00:00:00Z"
            sandbox.unlock(OWNER_ACCOUNT_ID, "NPWR00002_00", trophy_id, when)
        versions.append(
            find_title(run_with_client(load_own_titles, sandbox), "NPWR00002_00").earned_version
        )
    assert len(set(versions)) == 2  # 5 was earned before; earning it anew changes its time only


def test_the_earned_version_changes_when_there_is_more_to_earn() -> None:
    sandbox = create_sandbox()
    before = find_title(run_with_client(load_own_titles, sandbox), "NPWR00002_00")

    sandbox.add_trophy("NPWR00002_00", "Afterwards")

    after = find_title(run_with_client(load_own_titles, sandbox), "NPWR00002_00")
    assert after.last_updated_at == before.last_updated_at
    assert after.earned_version != before.earned_version
