"""Loads the viewer's message groups.

PSN lists favorites and the other groups separately; both lists are merged by time.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from providers.errors import ProviderError
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached
from providers.kit.text import quote_segment
from providers.kit.upstream.decode import EPOCH, build_unreadable_error, count_items
from providers.psn import errors
from providers.psn.cache_policies import MESSAGE_GROUP, MESSAGE_GROUPS
from providers.psn.cached_api import CachedApi
from providers.psn.cached_records import GroupListPage
from providers.psn.identifiers import check_message_group, check_offset
from providers.psn.learned_limits import MESSAGE_GROUP_PAGE_SIZE
from providers.psn.messages.message_mapping import map_group
from providers.psn.messages.models import MessageGroupRow, MessageGroupsResponse
from providers.psn.people.accounts import Accounts
from providers.psn.urls import SOURCE
from providers.psn_records import PsnMessageGroup, PsnMessageGroupPage

FILTERS = ("favorite", "notFavorite")
GROUP_FIELDS = "groupName,members,mainThread,modifiedTimestamp,isFavorite"
PAGE_SIZE = MESSAGE_GROUP_PAGE_SIZE.default
MAX_PAGES, MAX_GROUPS = 40, 5000
GROUP_NOT_FOUND_MESSAGE = "You are not a member of a message group with this id."
GROUP_RULES = errors.ErrorRules(2285568, GROUP_NOT_FOUND_MESSAGE)

GroupListPages = list[Cached[GroupListPage]]


@dataclass(frozen=True)
class MessageGroups:
    """The message groups that the viewer is a member of."""

    cached_api: CachedApi
    accounts: Accounts

    async def get_message_groups(
        self, offsets: Sequence[int]
    ) -> list[Cached[PsnMessageGroupPage] | ProviderError]:
        """Return pages of up to 200 groups, last modified first; the first page costs two calls."""
        return await gather_outcomes([self._get_page(offset) for offset in offsets])

    async def get_message_groups_by_id(
        self, group_ids: Sequence[str]
    ) -> list[Cached[PsnMessageGroup] | ProviderError]:
        """Return each group, or its error; `NotFound` if the viewer is not a member."""
        return await gather_outcomes([self._get_group(group_id) for group_id in group_ids])

    async def invalidate(self, group_ids: Sequence[str] = ()) -> None:
        """Remove these groups and all pages of both lists from the cache."""
        size = await MESSAGE_GROUP_PAGE_SIZE.get(self.cached_api)
        for filter_name in FILTERS:
            offsets = {*range(0, MAX_GROUPS, size), *await self._find_cached_offsets(filter_name)}
            page_keys = [(filter_name, str(offset)) for offset in offsets]
            self.cached_api.invalidate(MESSAGE_GROUPS, page_keys)
        self.cached_api.invalidate(MESSAGE_GROUP, [(group_id,) for group_id in group_ids])

    async def _find_cached_offsets(self, filter_name: str) -> set[int]:
        """Return the offsets of the cached pages, which a limit may have changed between two."""
        offsets, offset = set[int](), 0
        while page := await self.cached_api.get_cached(MESSAGE_GROUPS, filter_name, str(offset)):
            offsets.add(offset)
            if page.value.next_offset is None:
                break
            offset = page.value.next_offset
        return offsets

    async def _get_page(self, offset: int) -> Cached[PsnMessageGroupPage]:
        check_offset(offset)
        depth = 1
        while True:
            lists = await asyncio.gather(*(self._get_list(name, depth) for name in FILTERS))
            page = _merge_lists(lists, offset)
            if page.groups or page.next_offset is None:
                break
            if depth == MAX_PAGES:
                raise build_unreadable_error(SOURCE)
            depth += 1
        parts = [part for pages in lists for part in pages]
        fetched_at = min(part.fetched_at for part in parts)
        return Cached(page, fetched_at, any(part.stale for part in parts))

    async def _get_list(self, filter_name: str, depth: int) -> GroupListPages:
        """Return the first `depth` pages of one list, or fewer if it ends before."""
        pages: GroupListPages = []
        offset: int | None = 0
        while offset is not None and len(pages) < depth:
            load = partial(self._load_list_page, filter_name, offset)
            key = (filter_name, str(offset))
            pages.append(await self.cached_api.get_or_load(MESSAGE_GROUPS, key, load))
            offset = pages[-1].value.next_offset
        return pages

    async def _load_list_page(self, filter_name: str, offset: int) -> GroupListPage:
        load = partial(self._load_sized, filter_name, offset)
        return await MESSAGE_GROUP_PAGE_SIZE.load_page(self.cached_api, load)

    async def _load_sized(self, filter_name: str, offset: int, size: int) -> GroupListPage:
        params = {
            "limit": str(size),
            "offset": str(offset),
            "favoriteFilter": filter_name,
            "includeFields": f"{GROUP_FIELDS},totalGroupCount",
        }
        reply = await self.cached_api.api.get_sized(self._base_url, GROUP_RULES, params)
        response = reply.decode(MessageGroupsResponse)
        groups = tuple([await self._map_row(row) for row in response.groups])
        for group in groups:
            await self.cached_api.set_cached(MESSAGE_GROUP, group, group.native_id)
        row_count = count_items(reply.json_text, "groups")
        # PSN sends a next offset even at the end, which only the total or an empty page shows.
        is_last = response.total is not None and offset + row_count >= response.total
        next_offset = None if is_last or not row_count else offset + row_count
        MESSAGE_GROUP_PAGE_SIZE.learn_from_page(self.cached_api, size, offset, next_offset)
        return GroupListPage(
            groups=groups,
            total=response.total,
            next_offset=next_offset,
            unread_count=row_count - len(groups),
        )

    async def _get_group(self, group_id: str) -> Cached[PsnMessageGroup]:
        check_message_group(group_id)
        load = partial(self._load_group, group_id)
        return await self.cached_api.get_or_load(MESSAGE_GROUP, (group_id,), load)

    async def _load_group(self, group_id: str) -> PsnMessageGroup:
        url = f"{self._base_url}/{quote_segment(group_id)}"
        reply = await self.cached_api.api.get(url, GROUP_RULES, {"includeFields": GROUP_FIELDS})
        return await self._map_row(reply.decode(MessageGroupRow))

    async def _map_row(self, row: MessageGroupRow) -> PsnMessageGroup:
        has_name = bool(row.name and row.name.value)
        # A missing label is better than no group: without the own id there is none.
        return map_group(row, None if has_name else await self.accounts.find_own_id())

    @property
    def _base_url(self) -> str:
        return f"{self.cached_api.api.urls.messages}/members/me/groups"


def _merge_lists(lists: list[GroupListPages], offset: int) -> PsnMessageGroupPage:
    """Merge the loaded pages of both lists into one page that begins at `offset`.

    Only groups at least as new as the oldest loaded one of each unfinished list are final: an
    older one might still be preceded by a group that is not loaded yet.
    """
    groups_by_id = {
        group.native_id: group for pages in lists for page in pages for group in page.value.groups
    }
    unfinished_lists = [pages for pages in lists if pages[-1].value.next_offset is not None]
    horizon = max((_get_oldest(pages) for pages in unfinished_lists), default=EPOCH)
    final_groups = sorted(
        (group for group in groups_by_id.values() if _get_modified_at(group) >= horizon),
        key=_get_modified_at,
        reverse=True,
    )
    page_groups = tuple(final_groups[offset : offset + PAGE_SIZE])
    next_offset = offset + len(page_groups)
    has_more = bool(unfinished_lists) or next_offset < len(final_groups)
    return PsnMessageGroupPage(
        groups=page_groups,
        total=None if unfinished_lists else len(groups_by_id) + sum(map(_count_missing, lists)),
        next_offset=next_offset if has_more else None,
    )


def _count_missing(pages: GroupListPages) -> int:
    """Return how many groups of a finished list are neither listed nor unread."""
    listed_count = sum(len(page.value.groups) + page.value.unread_count for page in pages)
    return max((pages[-1].value.total or 0) - listed_count, 0)


def _get_oldest(pages: GroupListPages) -> datetime:
    return min((_get_modified_at(group) for group in pages[-1].value.groups), default=EPOCH)


def _get_modified_at(message_group: PsnMessageGroup) -> datetime:
    return message_group.modified_at or EPOCH
