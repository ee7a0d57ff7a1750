"""Loads messages of threads and the resources attached to them."""

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
from providers.psn.cache_policies import MESSAGES
from providers.psn.cached_api import CachedApi
from providers.psn.identifiers import (
    build_invalid_cursor_error,
    check_message_group,
    check_message_uid,
    check_resource,
    check_thread,
)
from providers.psn.learned_limits import MESSAGE_PAGE_SIZE
from providers.psn.messages.message_groups import GROUP_RULES
from providers.psn.messages.message_mapping import map_page
from providers.psn.messages.models import MessagesResponse
from providers.psn_records import PsnMessagePage, PsnResourceContent

MEDIA_TYPE_PATTERN = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}")
DEFAULT_MEDIA_TYPE = "application/octet-stream"


@dataclass(frozen=True)
class Threads:
    """Threads of the viewer's message groups."""

    cached_api: CachedApi

    async def get_messages(
        self, keys: Sequence[MessagePageKey]
    ) -> list[Cached[PsnMessagePage] | ProviderError]:
        """Return pages of messages, newest first."""
        return await gather_outcomes([self._get_page(key) for key in keys])

    async def get_resource(self, group_id: str, resource_id: str) -> PsnResourceContent:
        """Load a resource that is attached to a message of the group; it is never cached."""
        check_message_group(group_id)
        check_resource(resource_id)
        api = self.cached_api.api
        group_url = f"{api.urls.messages}/groups/{quote_segment(group_id)}"
        url = f"{group_url}/resources/{quote_segment(resource_id)}"
        reply = api.check(await api.get_unchecked(url, headers={"Accept": "*/*"}), GROUP_RULES)
        return PsnResourceContent(content=reply.body, content_type=_parse_media_type(reply))

    def invalidate_newest(self, group_id: str, thread_id: str) -> None:
        """Remove the newest page from the cache; a new message does not change older ones."""
        self.cached_api.invalidate(MESSAGES, [(group_id, thread_id, "")])

    async def _get_page(self, key: MessagePageKey) -> Cached[PsnMessagePage]:
        check_message_group(key.group_id)
        thread_id = resolve_thread_id(key.group_id, key.thread_id)
        if key.before is not None:
            check_message_uid(key.before)
        load = partial(self._load_page, key.group_id, thread_id, key.before)
        cache_key = (key.group_id, thread_id, key.before or "")
        return await self.cached_api.get_or_load(MESSAGES, cache_key, load)

    async def _load_page(self, group_id: str, thread_id: str, before: str | None) -> PsnMessagePage:
        api = self.cached_api.api
        group_url = f"{api.urls.messages}/members/me/groups/{quote_segment(group_id)}"
        url = f"{group_url}/threads/{quote_segment(thread_id)}/messages"
        load = partial(self._load_sized, url, before)
        return await MESSAGE_PAGE_SIZE.load_page(self.cached_api, load)

    async def _load_sized(self, url: str, before: str | None, size: int) -> PsnMessagePage:
        api = self.cached_api.api
        params = {"limit": str(size), **({"before": before} if before else {})}
        reply = await api.get_unchecked(url, params)
        errors.check_limit(reply)
        if reply.status == errors.BAD_REQUEST and before:
            raise build_invalid_cursor_error()
        return map_page(api.check(reply, GROUP_RULES).decode(MessagesResponse), before)


def resolve_thread_id(group_id: str, thread_id: str | None) -> str:
    """Return the valid thread id; without one, the main thread, which has the group's id."""
    if thread_id is None:
        return group_id
    check_thread(thread_id)
    return thread_id


def _parse_media_type(reply: UpstreamResponse) -> str:
    media_type = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type if MEDIA_TYPE_PATTERN.fullmatch(media_type) else DEFAULT_MEDIA_TYPE
