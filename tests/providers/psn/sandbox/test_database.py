"""The sandbox data agree with each other wherever they are shown."""

import pytest

from providers.psn.sandbox.app import PsnSandbox
from providers.psn.sandbox.constants import (
    FRIEND_ACCOUNT_ID,
    OWNER_ACCOUNT_ID,
    RENAMED_ACCOUNT_ID,
    SECOND_ACCOUNT_ID,
)
from providers.psn.sandbox.models import TrophySetProgress
from tests.providers.psn.sandbox.signed_in_caller import TROPHY, Caller

ACCOUNT_IDS = (OWNER_ACCOUNT_ID, FRIEND_ACCOUNT_ID, RENAMED_ACCOUNT_ID, SECOND_ACCOUNT_ID)


@pytest.mark.parametrize("account_id", ACCOUNT_IDS)
def test_titles_groups_and_trophies_agree(owner: Caller, account_id: str) -> None:
    user = f"{TROPHY}/users/{account_id}"
    for title in owner.get_json(f"{user}/trophyTitles")["trophyTitles"]:
        set_url = f"{user}/npCommunicationIds/{title['npCommunicationId']}"
        query = {"npServiceName": title["npServiceName"]}
        groups = owner.get_json(f"{set_url}/trophyGroups", **query)
        page = owner.get_json(f"{set_url}/trophyGroups/all/trophies", **query)
        for name in ("progress", "earnedTrophies", "hiddenFlag"):
            assert groups[name] == title[name]
        for name in ("trophySetVersion", "lastUpdatedDateTime"):
            assert groups[name] == page[name] == title[name]
        earned = [row["trophyType"] for row in page["trophies"] if row["earned"]]
        counted = {grade: earned.count(grade) for grade in title["earnedTrophies"]}
        assert counted == title["earnedTrophies"]
        assert len(page["trophies"]) == sum(title["definedTrophies"].values())


@pytest.mark.parametrize("account_id", [OWNER_ACCOUNT_ID, FRIEND_ACCOUNT_ID])
def test_the_summary_counts_what_the_titles_show(owner: Caller, account_id: str) -> None:
    user = f"{TROPHY}/users/{account_id}"
    titles = owner.get_json(f"{user}/trophyTitles")["trophyTitles"]
    summary = owner.get_json(f"{user}/trophySummary")
    for grade, count in summary["earnedTrophies"].items():
        assert sum(title["earnedTrophies"][grade] for title in titles) == count


def test_every_kind_of_progress_exists(owner: Caller) -> None:
    titles = owner.get_json(f"{TROPHY}/users/me/trophyTitles")["trophyTitles"]
    progress = [title["progress"] for title in titles]
    assert 0 in progress
    done = [title["definedTrophies"]["platinum"] for title in titles if title["progress"] == 100]
    assert sorted(done) == [0, 1]
    assert any(title["definedTrophies"]["platinum"] == 0 for title in titles)


def test_every_earned_trophy_exists_and_is_dated_before_the_last_sync(sandbox: PsnSandbox) -> None:
    for (_, set_id), progress in sandbox.database.trophy_progress.items():
        trophies = {
            trophy.trophy_id: trophy for trophy in sandbox.database.trophy_sets[set_id].trophies
        }
        assert progress.earned.keys() | progress.counters.keys() <= trophies.keys()
        for trophy_id, (value, _) in progress.counters.items():
            assert value < (trophies[trophy_id].target or 0)
            assert trophy_id not in progress.earned
        assert all("2024" <= when < "2026-11" for when in collect_moments(progress))


def collect_moments(progress: TrophySetProgress) -> list[str]:
    counted = [when for _, when in progress.counters.values()]
    return [progress.synced_at, *progress.earned.values(), *counted]


def test_a_platinum_is_earned_with_all_of_the_main_group(sandbox: PsnSandbox) -> None:
    for (_, set_id), progress in sandbox.database.trophy_progress.items():
        main = sandbox.database.trophy_sets[set_id].get_group_trophies("default")
        platinum = [trophy for trophy in main if trophy.grade == "platinum"]
        if platinum and platinum[0].trophy_id in progress.earned:
            assert all(trophy.trophy_id in progress.earned for trophy in main)


def test_friendship_goes_both_ways(sandbox: PsnSandbox) -> None:
    friends = sandbox.database.friends
    assert len(friends[OWNER_ACCOUNT_ID]) == 120
    for account_id, others in friends.items():
        assert len(set(others)) == len(others)
        assert all(account_id in friends[other] for other in others)
