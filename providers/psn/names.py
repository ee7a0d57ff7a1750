"""What groups, threads, messages and resources can be called, and what may be said."""

import re

from providers.errors import BadInput
from providers.kit.text import CONTROL, matching
from providers.psn.hosts import SOURCE

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
