"""Messages of a thread, newest first, and what is attached to them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from providers.capabilities import MessagesKey
from providers.errors import ProviderError
from providers.kit.caching.cache import gather
from providers.kit.caching.cached import Answer
from providers.kit.text import segment
from providers.kit.upstream.upstream_client import Reply
from providers.psn import errors
from providers.psn.api import Connection, forget
from providers.psn.cache_policies import MESSAGES
from providers.psn.identifiers import (
    check_before,
    check_group,
    check_resource,
    check_thread,
    foreign_cursor,
)
from providers.psn.messages.message_groups import LOUNGE
from providers.psn.messages.message_mapping import page
from providers.psn.messages.models import Messages
from providers.records import PsnMessagePage, PsnResourceContent

# How many messages the service gives at most is not known; twenty are asked for by everybody.
LIMITS = ("100", "20")
MEDIA_TYPE = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}")
UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True)
class Threads:
    """The threads of the viewer's groups."""

    connection: Connection

    async def messages(
        self, keys: Sequence[MessagesKey]
    ) -> list[Answer[PsnMessagePage] | ProviderError]:
        """Pages of messages."""
        return await gather([self._page(key) for key in keys])

    async def resource(self, group_id: str, resource_id: str) -> PsnResourceContent:
        """What was attached to a message of the group; never remembered."""
        check_group(group_id)
        check_resource(resource_id)
        url = f"{lounges(self.connection)}/{segment(group_id)}/resources/{segment(resource_id)}"
        reply = await self.connection.ask(url, headers={"Accept": "*/*"})
        errors.check(reply, LOUNGE, caller=self.connection.caller)
        return PsnResourceContent(content=reply.body, content_type=_media_type(reply))

    async def forget(self, group_id: str, thread_id: str) -> None:
        """Drop the newest page; older ones stay true."""
        await forget(self.connection, MESSAGES, [(group_id, thread_id, "")])

    async def _page(self, key: MessagesKey) -> Answer[PsnMessagePage]:
        check_group(key.group_id)
        thread_id = thread_of(key.group_id, key.thread_id)
        if key.before is not None:
            check_before(key.before)
        load = partial(self._load, key.group_id, thread_id, key.before)
        names = (key.group_id, thread_id, key.before or "")
        return await self.connection.remember(MESSAGES, names, load)

    async def _load(self, group_id: str, thread_id: str, before: str | None) -> PsnMessagePage:
        members = f"{_base(self.connection)}/members/me/groups/{segment(group_id)}"
        url = f"{members}/threads/{segment(thread_id)}/messages"
        reply = await self._asked(url, {"before": before} if before else {})
        if reply.status == errors.BAD_REQUEST and before:
            raise foreign_cursor()
        errors.check(reply, LOUNGE, caller=self.connection.caller)
        return page(reply.decode(Messages), before)

    async def _asked(self, url: str, params: dict[str, str]) -> Reply:
        most, usual = LIMITS
        reply = await self.connection.ask(url, {"limit": most, **params})
        if reply.status == errors.BAD_REQUEST and "limit" in errors.told(reply):
            reply = await self.connection.ask(url, {"limit": usual, **params})
        return reply


def thread_of(group_id: str, thread_id: str | None) -> str:
    """The thread's id, checked; the main thread is called like its group."""
    if thread_id is None:
        return group_id
    check_thread(thread_id)
    return thread_id


def lounges(connection: Connection) -> str:
    """Where groups are written to, and where their resources are."""
    return f"{_base(connection)}/groups"


def _base(connection: Connection) -> str:
    return f"{connection.hosts.mobile}/api/gamingLoungeGroups/v1"


def _media_type(reply: Reply) -> str:
    name = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    return name if MEDIA_TYPE.fullmatch(name) else UNKNOWN_TYPE
