"""What an account, a title or a product can be called."""

import re

from providers.errors import BadInput
from providers.kit.text import CONTROL_CHARACTERS, require_match
from providers.psn.urls import SOURCE

ME = "me"
ONLINE_ID_PATTERN = re.compile(r"[A-Za-z0-9_-]{3,16}")
ACCOUNT_ID_PATTERN = re.compile(r"[0-9]{1,20}")
TITLE_ID_PATTERN = re.compile(r"NPWR[0-9]{5}_[0-9]{2}")
PRODUCT_ID_PATTERN = re.compile(r"(CUSA|PPSA)[0-9]{5}_[0-9]{2}")
CAMPAIGN_ID_PATTERN = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
NPSSO_PATTERN = re.compile(r"[A-Za-z0-9]{64}")


def check_handle(handle: str) -> None:
    """Refuse what no account can be called."""
    if handle != ME and not is_account_id(handle) and not ONLINE_ID_PATTERN.fullmatch(handle):
        message = "handle: `me`, an online id or an account id."
        raise BadInput(message, argument="handle", source=SOURCE)


def check_title(native_id: str) -> None:
    """Refuse what no trophy set can be called."""
    require_match(
        TITLE_ID_PATTERN, native_id, "nativeId", "a trophy set such as NPWR00001_00", SOURCE
    )


def check_campaign(native_id: str) -> None:
    """Refuse what no campaign can be called."""
    require_match(CAMPAIGN_ID_PATTERN, native_id, "id", "a campaign's UUID", SOURCE)


def is_account_id(handle: str) -> bool:
    """All digits is taken for an account id."""
    return ACCOUNT_ID_PATTERN.fullmatch(handle) is not None


MESSAGE_GROUP_ID_PATTERN = re.compile(
    r"~[0-9A-Fa-f]{16}\.[0-9A-Fa-f]{16}|[0-9A-Fa-f]{40}-[0-9]{1,10}|group_[0-9]{1,20}"
)
# The main thread is called like its group.
THREAD_ID_PATTERN = re.compile(rf"{MESSAGE_GROUP_ID_PATTERN.pattern}|thread_[0-9]{{1,20}}")
RESOURCE_ID_PATTERN = re.compile(r"[~0-9A-Za-z](?:\.?[~0-9A-Za-z_-]){0,199}")
MESSAGE_UID_PATTERN = re.compile(r"[0-9A-Za-z#~_.-]{1,100}")
MAX_TERM_LENGTH, MAX_CURSOR_LENGTH, MAX_BODY_LENGTH = 100, 2000, 4000
MAX_OFFSET = 10_000_000


def check_message_group(group_id: str) -> None:
    """Refuse what no group can be called."""
    require_match(MESSAGE_GROUP_ID_PATTERN, group_id, "groupId", "a group's id", SOURCE)


def check_thread(thread_id: str) -> None:
    """Refuse what no thread can be called."""
    require_match(THREAD_ID_PATTERN, thread_id, "threadId", "a thread's id", SOURCE)


def check_resource(resource_id: str) -> None:
    """Refuse what no resource can be called."""
    require_match(RESOURCE_ID_PATTERN, resource_id, "resourceId", "a resource's id", SOURCE)


def check_message_uid(message_uid: str) -> None:
    """Refuse what no message can be called."""
    require_match(MESSAGE_UID_PATTERN, message_uid, "after", "a cursor of this list", SOURCE)


def check_cursor(cursor: str) -> None:
    """Refuse what cannot be put into a question; what it means is the upstream's affair."""
    if not 0 < len(cursor) <= MAX_CURSOR_LENGTH or CONTROL_CHARACTERS.search(cursor):
        raise build_invalid_cursor()


def check_offset(offset: int) -> None:
    """Refuse an offset that no list has."""
    if not 0 <= offset <= MAX_OFFSET:
        raise build_invalid_cursor()


def build_invalid_cursor() -> BadInput:
    """The error of a cursor that came from elsewhere."""
    return BadInput("after: a cursor of this list.", argument="after", source=SOURCE)


def check_term(term: str) -> None:
    """Refuse what cannot be searched for."""
    if not term.strip() or len(term) > MAX_TERM_LENGTH or CONTROL_CHARACTERS.search(term):
        message = "term: 1 to 100 characters without control characters."
        raise BadInput(message, argument="term", source=SOURCE)


def check_body(body: str) -> None:
    """Refuse what cannot be said in a message."""
    body_without_whitespace = body.replace("\n", "").replace("\t", "")
    if (
        not body.strip()
        or len(body) > MAX_BODY_LENGTH
        or CONTROL_CHARACTERS.search(body_without_whitespace)
    ):
        message = "body: 1 to 4,000 characters; of control characters, new lines and tabs only."
        raise BadInput(message, argument="body", source=SOURCE)
