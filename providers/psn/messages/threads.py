"""Messages of a thread, newest first, and what is attached to them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from providers.capabilities import MessagePageKey
from providers.errors import ProviderError
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached
from providers.kit.text import quote_segment
from providers.kit.upstream.upstream_client import UpstreamResponse
from providers.psn import errors
from providers.psn.api import PsnApi, invalidate
from providers.psn.cache_policies import MESSAGES
from providers.psn.identifiers import (
    build_invalid_cursor,
    check_message_group,
    check_message_uid,
    check_resource,
    check_thread,
)
from providers.psn.messages.message_groups import GROUP_RULES
from providers.psn.messages.message_mapping import map_page
from providers.psn.messages.models import MessagesResponse
from providers.psn_records import PsnMessagePage, PsnResourceContent

# How many messages the service gives at most is not known; twenty are asked for by everybody.
PAGE_LIMITS = ("100", "20")
MEDIA_TYPE_PATTERN = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}")
DEFAULT_MEDIA_TYPE = "application/octet-stream"


@dataclass(frozen=True)
class Threads:
    """The threads of the viewer's groups."""

    api: PsnApi

    async def get_messages(
        self, keys: Sequence[MessagePageKey]
    ) -> list[Cached[PsnMessagePage] | ProviderError]:
        """Pages of messages."""
        return await gather_outcomes([self._get_page(key) for key in keys])

    async def get_resource(self, group_id: str, resource_id: str) -> PsnResourceContent:
        """What was attached to a message of the group; never remembered."""
        check_message_group(group_id)
        check_resource(resource_id)
        group = f"{build_groups_url(self.api)}/{quote_segment(group_id)}"
        url = f"{group}/resources/{quote_segment(resource_id)}"
        reply = await self.api.get_unchecked(url, headers={"Accept": "*/*"})
        errors.check(reply, GROUP_RULES, is_caller=self.api.is_caller)
        return PsnResourceContent(content=reply.body, content_type=_parse_media_type(reply))

    async def invalidate_newest(self, group_id: str, thread_id: str) -> None:
        """Drop the newest page; older ones stay true."""
        await invalidate(self.api, MESSAGES, [(group_id, thread_id, "")])

    async def _get_page(self, key: MessagePageKey) -> Cached[PsnMessagePage]:
        check_message_group(key.group_id)
        thread_id = resolve_thread_id(key.group_id, key.thread_id)
        if key.before is not None:
            check_message_uid(key.before)
        load = partial(self._load_page, key.group_id, thread_id, key.before)
        cache_key = (key.group_id, thread_id, key.before or "")
        return await self.api.get_or_load(MESSAGES, cache_key, load)

    async def _load_page(self, group_id: str, thread_id: str, before: str | None) -> PsnMessagePage:
        members = f"{_build_base_url(self.api)}/members/me/groups/{quote_segment(group_id)}"
        url = f"{members}/threads/{quote_segment(thread_id)}/messages"
        reply = await self._request_page(url, {"before": before} if before else {})
        if reply.status == errors.BAD_REQUEST and before:
            raise build_invalid_cursor()
        errors.check(reply, GROUP_RULES, is_caller=self.api.is_caller)
        return map_page(reply.decode(MessagesResponse), before)

    async def _request_page(self, url: str, params: dict[str, str]) -> UpstreamResponse:
        largest_limit, usual_limit = PAGE_LIMITS
        reply = await self.api.get_unchecked(url, {"limit": largest_limit, **params})
        if reply.status == errors.BAD_REQUEST and "limit" in errors.read_error_message(reply):
            reply = await self.api.get_unchecked(url, {"limit": usual_limit, **params})
        return reply


def resolve_thread_id(group_id: str, thread_id: str | None) -> str:
    """The thread's id, checked; the main thread is called like its group."""
    if thread_id is None:
        return group_id
    check_thread(thread_id)
    return thread_id


def build_groups_url(api: PsnApi) -> str:
    """Where groups are written to, and where their resources are."""
    return f"{_build_base_url(api)}/groups"


def _build_base_url(api: PsnApi) -> str:
    return f"{api.urls.mobile}/api/gamingLoungeGroups/v1"


def _parse_media_type(reply: UpstreamResponse) -> str:
    name = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    return name if MEDIA_TYPE_PATTERN.fullmatch(name) else DEFAULT_MEDIA_TYPE
