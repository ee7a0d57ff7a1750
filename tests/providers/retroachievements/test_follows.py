"""The accounts that the key's owner follows, and those that follow them."""

from typing import Any

import pytest

from providers.capabilities import FollowDirection, FollowKey
from providers.kit.sandbox import InjectedFault
from providers.retroachievements.sandbox import member_data
from providers.retroachievements_records import (
    RetroAchievementsFollow,
    RetroAchievementsFollowPage,
)
from tests.providers.retroachievements.harness import ClientHarness, get_error, unwrap
from tests.server.caller_headers import SECOND_ON_RETRO

FOLLOWING, FOLLOWERS = FollowDirection.FOLLOWING, FollowDirection.FOLLOWERS


def load(
    harness: ClientHarness, direction: FollowDirection, offset: int = 0
) -> RetroAchievementsFollowPage:
    key = FollowKey(direction, offset)
    (outcome,) = harness.run(lambda client: client.get_follows([key]))
    return unwrap(outcome)


def test_the_accounts_that_the_owner_follows_have_names_and_points() -> None:
    harness = ClientHarness()
    page = load(harness, FOLLOWING)
    assert page.follows == (
        RetroAchievementsFollow(
            account_id=member_data.SAM_ULID,
            ulid=member_data.SAM_ULID,
            display_name="SecondSam",
            points=100,
            softcore_points=28,
            is_mutual=True,
        ),
        RetroAchievementsFollow(
            account_id=member_data.EDA_ULID,
            ulid=member_data.EDA_ULID,
            display_name="EmptyEda",
            points=0,
            softcore_points=0,
            is_mutual=False,
        ),
    )
    assert (page.total, page.next_offset) == (2, None)
    assert harness.calls == {"GetUsersIFollow": 1}


def test_the_accounts_that_follow_the_owner_are_another_list() -> None:
    harness = ClientHarness()
    found = load(harness, FOLLOWERS).follows
    assert [(each.display_name, each.is_mutual) for each in found] == [
        ("SecondSam", True),
        ("MaxMilyin", False),
    ]
    assert harness.calls == {"GetUsersFollowingMe": 1}


def test_the_lists_are_those_of_the_key() -> None:
    found = load(ClientHarness(headers=SECOND_ON_RETRO), FOLLOWERS).follows
    assert [each.display_name for each in found] == ["VegaNorth"]


def test_a_page_begins_at_an_offset() -> None:
    page = load(ClientHarness(), FOLLOWING, 1)
    assert [each.display_name for each in page.follows] == ["EmptyEda"]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"User": "Ada"}, RetroAchievementsFollow(account_id="Ada", display_name="Ada")),
        ({"ULID": "0" * 26}, RetroAchievementsFollow(account_id="0" * 26, ulid="0" * 26)),
        (
            {"User": "Ada", "Points": "7", "PointsSoftcore": [], "IsFollowingMe": "yes"},
            RetroAchievementsFollow(account_id="Ada", display_name="Ada", points=7),
        ),
    ],
)
def test_a_row_has_what_can_be_read_of_it(row: Any, expected: RetroAchievementsFollow) -> None:
    body = {"Count": 3, "Total": 3, "Results": [row, {"Points": 3}, None]}
    page = load(ClientHarness().with_response("GetUsersIFollow", body), FOLLOWING)
    assert page.follows == (expected,)
    assert (page.total, page.unread_count) == (3, 2)


@pytest.mark.parametrize("body", [{}, [], {"Count": 1, "Total": 1, "Results": [7]}])
def test_a_list_that_cannot_be_read_is_no_empty_list(body: Any) -> None:
    harness = ClientHarness().with_response("GetUsersIFollow", body)
    key = FollowKey(FOLLOWING)
    assert get_error(harness.run(lambda client: client.get_follows([key]))).code == (
        "UPSTREAM_BAD_RESPONSE"
    )


def test_a_refused_page_size_is_tried_smaller() -> None:
    harness = ClientHarness()
    refusal = {"message": "c", "errors": {"c": ["The c field must be between 1 and 2."]}}
    fault = InjectedFault(r"GetUsersIFollow\.php\?.*c=500", 422, refusal)
    harness.sandbox.faults.append(fault)
    page = load(harness, FOLLOWING)
    assert len(page.follows) == 2
