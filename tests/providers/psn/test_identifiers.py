"""Ids and inputs that are valid, and errors that say what an argument must be."""

from collections.abc import Callable

import pytest

from providers.errors import BadInput
from providers.psn import identifiers
from providers.psn.sandbox.constants import (
    DIRECT_GROUP_ID,
    IMAGE_RESOURCE_ID,
    NAMED_GROUP_ID,
    UNNAMED_GROUP_ID,
    VOICE_RESOURCE_ID,
)
from tests.providers.psn.messages.invalid_ids import INVALID_GROUP_IDS, INVALID_RESOURCE_IDS

CAMPAIGN_ID = "a8faa377-f08b-5d1d-a27c-68cc32930105"

Check = Callable[[str], None]


@pytest.mark.parametrize(
    ("check", "value"),
    [
        *((identifiers.check_handle, handle) for handle in ("me", "abc", "A-b_9", "a" * 16)),
        *((identifiers.check_handle, account_id) for account_id in ("1", "9" * 20)),
        (identifiers.check_title, "NPWR00001_00"),
        (identifiers.check_campaign, CAMPAIGN_ID),
        (identifiers.check_message_group, DIRECT_GROUP_ID),
        (identifiers.check_message_group, NAMED_GROUP_ID),
        (identifiers.check_message_group, UNNAMED_GROUP_ID),
        (identifiers.check_message_group, "group_123456789"),
        (identifiers.check_thread, DIRECT_GROUP_ID),
        (identifiers.check_thread, "thread_123456789"),
        (identifiers.check_resource, IMAGE_RESOURCE_ID),
        (identifiers.check_resource, VOICE_RESOURCE_ID),
        (identifiers.check_message_uid, "1#447000000000001"),
        (identifiers.check_cursor, "any text"),
        (identifiers.check_term, "a"),
        (identifiers.check_term, "x" * 100),
        (identifiers.check_body, "Grüße,\n\tdu 🏆"),
        (identifiers.check_body, "x" * 4000),
    ],
)
def test_valid_values_are_accepted(check: Check, value: str) -> None:
    check(value)


INVALID_HANDLES = ["", "ab", "1 abc", "a" * 17, "9" * 21, "a/b", "a b", "me ", "..", "abc\n", "äöü"]


@pytest.mark.parametrize(
    ("check", "argument", "values"),
    [
        (identifiers.check_handle, "handle", [*INVALID_HANDLES, "ab\n", "\u0661\u0662\u0663"]),
        (
            identifiers.check_title,
            "nativeId",
            ["NPWR1_00", "npwr00001_00", "NPWR00001_00/x", "../x", ""],
        ),
        (identifiers.check_campaign, "id", ["", "x", f"{CAMPAIGN_ID}0", f"{CAMPAIGN_ID}\n"]),
        (identifiers.check_message_group, "groupId", INVALID_GROUP_IDS),
        (identifiers.check_thread, "threadId", INVALID_GROUP_IDS),
        (identifiers.check_resource, "resourceId", INVALID_RESOURCE_IDS),
        (identifiers.check_message_uid, "after", ["", "a b", "1#2&limit=1", "x" * 101]),
        (identifiers.check_cursor, "after", ["", "a\nb", "x" * 2001]),
        (identifiers.check_term, "term", ["", "  ", "a\x00b", "a\nb", "\ud800", "x" * 101]),
        (
            identifiers.check_body,
            "body",
            ["", "   ", "\n", "a\x00b", "a\x1bb", "a\r\nb", "\ud800", "x" * 4001],
        ),
    ],
)
def test_an_error_says_what_the_argument_must_be(
    check: Check, argument: str, values: list[str]
) -> None:
    for value in values:
        with pytest.raises(BadInput, match=rf"^{argument} must ") as caught:
            check(value)
        assert (caught.value.argument, caught.value.source) == (argument, "PSN")


@pytest.mark.parametrize("offset", [-1, 10**18])
def test_an_offset_out_of_range_is_an_invalid_cursor(offset: int) -> None:
    identifiers.check_offset(0)
    with pytest.raises(BadInput) as caught:
        identifiers.check_offset(offset)
    assert caught.value.argument == "after"


def test_digits_alone_are_an_account_id() -> None:
    assert identifiers.is_account_id("123")
    assert not identifiers.is_account_id("12a")
    assert not identifiers.is_account_id("me")
