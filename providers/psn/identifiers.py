"""Patterns of PSN's ids and limits of its inputs, checked before anything is sent."""

import re
from collections.abc import Sequence

from providers.errors import BadInput
from providers.kit.text import CONTROL_CHARACTERS, require_match
from providers.psn.urls import SOURCE

ME = "me"
ONLINE_ID_PATTERN = re.compile(r"[A-Za-z0-9_-]{3,16}")
ACCOUNT_ID_PATTERN = re.compile(r"[0-9]{1,20}")
TITLE_ID_PATTERN = re.compile(r"NPWR[0-9]{5}_[0-9]{2}")
# PSN resolves builds for PS4 and PS5 to trophy sets; it has no such lookup for the PS3.
PRODUCT_ID_PATTERN = re.compile(r"(CUSA|PPSA)[0-9]{5}_[0-9]{2}")
CAMPAIGN_ID_PATTERN = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
MESSAGE_GROUP_ID_PATTERN = re.compile(
    r"~[0-9A-Fa-f]{16}\.[0-9A-Fa-f]{16}|[0-9A-Fa-f]{40}-[0-9]{1,10}|group_[0-9]{1,20}"
)
# The main thread of a group has the group's own id.
THREAD_ID_PATTERN = re.compile(rf"{MESSAGE_GROUP_ID_PATTERN.pattern}|thread_[0-9]{{1,20}}")
RESOURCE_ID_PATTERN = re.compile(r"[~0-9A-Za-z](?:\.?[~0-9A-Za-z_-]){0,199}")
MESSAGE_UID_PATTERN = re.compile(r"[0-9A-Za-z#~_.-]{1,100}")
MAX_TERM_LENGTH, MAX_CURSOR_LENGTH, MAX_BODY_LENGTH = 100, 2000, 4000
MAX_OFFSET = 10_000_000
MAX_INVITEES = 99

HANDLE_HINT = "`me`, an online id of 3 to 16 letters, digits, `-` and `_`, or a numeric account id"
MESSAGE_GROUP_HINT = "a PSN message group id such as ~0123456789ABCDEF.0123456789ABCDEF"
THREAD_HINT = "a PSN thread id such as ~0123456789ABCDEF.0123456789ABCDEF"
RESOURCE_HINT = (
    "a PSN resource id: up to 200 letters, digits, `~`, `_`, `-` and single dots between them"
)
CURSOR_HINT = "a cursor that this list returned"


def is_account_id(handle: str) -> bool:
    """Return whether the handle is taken as an account id: it consists of digits alone."""
    return ACCOUNT_ID_PATTERN.fullmatch(handle) is not None


def check_handle(handle: str) -> None:
    """Raise `BadInput` unless the handle is `me`, an online id or an account id."""
    if handle != ME and not is_account_id(handle):
        require_match(ONLINE_ID_PATTERN, handle, "handle", HANDLE_HINT, SOURCE)


def check_title(native_id: str) -> None:
    """Raise `BadInput` unless the id is an `npCommunicationId`."""
    hint = "a PSN title id such as NPWR00001_00"
    require_match(TITLE_ID_PATTERN, native_id, "nativeId", hint, SOURCE)


def check_campaign(native_id: str) -> None:
    """Raise `BadInput` unless the id is a UUID."""
    hint = "a PlayStation Stars campaign id, which is a UUID"
    require_match(CAMPAIGN_ID_PATTERN, native_id, "id", hint, SOURCE)


def check_message_group(group_id: str) -> None:
    """Raise `BadInput` unless the id is a message group's."""
    require_match(MESSAGE_GROUP_ID_PATTERN, group_id, "groupId", MESSAGE_GROUP_HINT, SOURCE)


def check_thread(thread_id: str) -> None:
    """Raise `BadInput` unless the id is a thread's."""
    require_match(THREAD_ID_PATTERN, thread_id, "threadId", THREAD_HINT, SOURCE)


def check_resource(resource_id: str) -> None:
    """Raise `BadInput` unless the id is a message resource's."""
    require_match(RESOURCE_ID_PATTERN, resource_id, "resourceId", RESOURCE_HINT, SOURCE)


def check_message_uid(message_uid: str) -> None:
    """Raise `BadInput` unless the uid is a message's; it serves as the cursor of a thread."""
    require_match(MESSAGE_UID_PATTERN, message_uid, "after", CURSOR_HINT, SOURCE)


def check_cursor(cursor: str) -> None:
    """Raise `BadInput` for a search cursor that cannot be sent; only PSN can judge the rest."""
    if not 0 < len(cursor) <= MAX_CURSOR_LENGTH or CONTROL_CHARACTERS.search(cursor):
        raise build_invalid_cursor_error()


def check_offset(offset: int) -> None:
    """Raise `BadInput` unless the offset is between 0 and 10,000,000."""
    if not 0 <= offset <= MAX_OFFSET:
        raise build_invalid_cursor_error()


def build_invalid_cursor_error() -> BadInput:
    """Build the error of a cursor that no page of the list returned."""
    return BadInput(f"after must be {CURSOR_HINT}.", argument="after", source=SOURCE)


def check_term(term: str) -> None:
    """Raise `BadInput` unless the search term has 1 to 100 characters, none a control character."""
    if not term.strip() or len(term) > MAX_TERM_LENGTH or CONTROL_CHARACTERS.search(term):
        message = (
            f"term must have 1 to {MAX_TERM_LENGTH} characters, not only spaces, "
            "and no control characters."
        )
        raise BadInput(message, argument="term", source=SOURCE)


def check_body(body: str) -> None:
    """Raise `BadInput` unless the message has 1 to 4,000 characters, all of them printable.

    Line feeds and tabs are the only control characters that are allowed.
    """
    body_without_whitespace = body.replace("\n", "").replace("\t", "")
    if (
        not body.strip()
        or len(body) > MAX_BODY_LENGTH
        or CONTROL_CHARACTERS.search(body_without_whitespace)
    ):
        message = (
            f"body must have 1 to {MAX_BODY_LENGTH:,} characters, not only spaces, "
            "and no control characters except line feeds and tabs."
        )
        raise BadInput(message, argument="body", source=SOURCE)


def check_invitees(account_ids: Sequence[str]) -> None:
    """Raise `BadInput` unless there are 1 to 99 account ids."""
    if 1 <= len(account_ids) <= MAX_INVITEES and all(map(is_account_id, account_ids)):
        return
    message = f"inviteeIds must be 1 to {MAX_INVITEES} account ids, which consist of digits."
    raise BadInput(message, argument="inviteeIds", source=SOURCE)
