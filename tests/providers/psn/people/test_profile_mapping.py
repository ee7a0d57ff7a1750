"""Profiles of three services as one record."""

import pytest

from providers.psn.people.profile_mapping import parse_country
from providers.psn.sandbox.app import create_sandbox
from providers.psn.sandbox.constants import (
    FRIEND_ACCOUNT_ID,
    FRIEND_ONLINE_ID,
    RENAMED_ACCOUNT_ID,
    RENAMED_FORMER_ID,
    RENAMED_ONLINE_ID,
)
from tests.providers.psn.harness import LEGACY_USERS, count_calls
from tests.providers.psn.people.profile_harness import load_profile


def test_a_profile_by_name_is_complete_and_costs_one_call() -> None:
    sandbox = create_sandbox()
    friend = load_profile(FRIEND_ONLINE_ID, sandbox)
    assert (friend.native_id, friend.handle) == (FRIEND_ACCOUNT_ID, FRIEND_ONLINE_ID)
    assert (friend.online_id, friend.display_name) == (FRIEND_ONLINE_ID, FRIEND_ONLINE_ID)
    assert (friend.country, friend.friend_relation) == ("GB", "friend")
    assert (friend.is_plus, friend.about_me) == (True, "hello")
    assert friend.np_id is not None
    assert friend.languages
    assert friend.profile_url == f"https://my.playstation.com/profile/{FRIEND_ONLINE_ID}"
    assert friend.avatar is not None
    assert friend.avatar.url == f"https://image.invalid/avatar/{FRIEND_ACCOUNT_ID}_xl.png"
    assert count_calls(sandbox) == {f"{LEGACY_USERS}/{FRIEND_ONLINE_ID}/profile2": 1}


def test_a_profile_by_id_leaves_missing_fields_null() -> None:
    friend = load_profile(FRIEND_ACCOUNT_ID)
    assert (friend.native_id, friend.online_id) == (FRIEND_ACCOUNT_ID, FRIEND_ONLINE_ID)
    assert (friend.np_id, friend.country, friend.friend_relation) == (None, None, None)


def test_a_renamed_account_has_its_current_name() -> None:
    renamed = load_profile(RENAMED_FORMER_ID)
    assert (renamed.native_id, renamed.handle) == (RENAMED_ACCOUNT_ID, RENAMED_ONLINE_ID)


@pytest.mark.parametrize(
    ("np_id", "expected"),
    [
        ("dmVnYV9ub3J0aEBhMS51cw==", "US"),
        ("dmVnYV9ub3J0aA==", None),
        ("not base64", None),
        ("/////w==", None),
        (None, None),
    ],
)
def test_the_country_is_the_last_label_of_an_np_id(np_id: str | None, expected: str | None) -> None:
    assert parse_country(np_id) == expected
