"""What an account, a title or a product can be called."""

import re

from providers.errors import BadInput
from providers.kit.text import CONTROL, matching
from providers.psn.urls import SOURCE

ME = "me"
ONLINE_ID = re.compile(r"[A-Za-z0-9_-]{3,16}")
ACCOUNT_ID = re.compile(r"[0-9]{1,20}")
TITLE_ID = re.compile(r"NPWR[0-9]{5}_[0-9]{2}")
PRODUCT_ID = re.compile(r"(CUSA|PPSA)[0-9]{5}_[0-9]{2}")
CAMPAIGN_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
NPSSO = re.compile(r"[A-Za-z0-9]{64}")


def check_handle(handle: str) -> None:
    """Refuse what no account can be called."""
    if handle != ME and not is_account_id(handle) and not ONLINE_ID.fullmatch(handle):
        message = "handle: `me`, an online id or an account id."
        raise BadInput(message, argument="handle", source=SOURCE)


def check_title(native_id: str) -> None:
    """Refuse what no trophy set can be called."""
    matching(TITLE_ID, native_id, "nativeId", "a trophy set such as NPWR00001_00", SOURCE)


def check_campaign(native_id: str) -> None:
    """Refuse what no campaign can be called."""
    matching(CAMPAIGN_ID, native_id, "id", "a campaign's UUID", SOURCE)


def is_account_id(handle: str) -> bool:
    """All digits is taken for an account id."""
    return ACCOUNT_ID.fullmatch(handle) is not None


GROUP_ID = re.compile(
    r"~[0-9A-Fa-f]{16}\.[0-9A-Fa-f]{16}|[0-9A-Fa-f]{40}-[0-9]{1,10}|group_[0-9]{1,20}"
)
# The main thread is called like its group.
THREAD_ID = re.compile(rf"{GROUP_ID.pattern}|thread_[0-9]{{1,20}}")
RESOURCE_ID = re.compile(r"[~0-9A-Za-z](?:\.?[~0-9A-Za-z_-]){0,199}")
MESSAGE_UID = re.compile(r"[0-9A-Za-z#~_.-]{1,100}")
LONGEST_TERM, LONGEST_CURSOR, LONGEST_BODY = 100, 2000, 4000
LARGEST_OFFSET = 10_000_000


def check_group(group_id: str) -> None:
    """Refuse what no group can be called."""
    matching(GROUP_ID, group_id, "groupId", "a group's id", SOURCE)


def check_thread(thread_id: str) -> None:
    """Refuse what no thread can be called."""
    matching(THREAD_ID, thread_id, "threadId", "a thread's id", SOURCE)


def check_resource(resource_id: str) -> None:
    """Refuse what no resource can be called."""
    matching(RESOURCE_ID, resource_id, "resourceId", "a resource's id", SOURCE)


def check_before(uid: str) -> None:
    """Refuse what no message can be called."""
    matching(MESSAGE_UID, uid, "after", "a cursor of this list", SOURCE)


def check_cursor(cursor: str) -> None:
    """Refuse what cannot be put into a question; what it means is the upstream's affair."""
    if not 0 < len(cursor) <= LONGEST_CURSOR or CONTROL.search(cursor):
        raise foreign_cursor()


def check_offset(offset: int) -> None:
    """Refuse an offset that no list has."""
    if not 0 <= offset <= LARGEST_OFFSET:
        raise foreign_cursor()


def foreign_cursor() -> BadInput:
    """The error of a cursor that came from elsewhere."""
    return BadInput("after: a cursor of this list.", argument="after", source=SOURCE)


def check_term(term: str) -> None:
    """Refuse what cannot be searched for."""
    if not term.strip() or len(term) > LONGEST_TERM or CONTROL.search(term):
        message = "term: 1 to 100 characters without control characters."
        raise BadInput(message, argument="term", source=SOURCE)


def check_body(body: str) -> None:
    """Refuse what cannot be said in a message."""
    plain = body.replace("\n", "").replace("\t", "")
    if not body.strip() or len(body) > LONGEST_BODY or CONTROL.search(plain):
        message = "body: 1 to 4,000 characters; of control characters, new lines and tabs only."
        raise BadInput(message, argument="body", source=SOURCE)
