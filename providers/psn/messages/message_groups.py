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
from providers.kit.upstream.decode import EPOCH
from providers.psn import errors
from providers.psn.cache_policies import MESSAGE_GROUP, MESSAGE_GROUPS
from providers.psn.cached_api import CachedApi
from providers.psn.cached_records import GroupListPage
from providers.psn.identifiers import check_message_group, check_offset
from providers.psn.messages.message_mapping import map_group
from providers.psn.messages.models import MessageGroupRow, MessageGroupsResponse
from providers.psn.people.accounts import Accounts
from providers.psn_records import PsnMessageGroup, PsnMessageGroupPage

FILTERS = ("favorite", "notFavorite")
GROUP_FIELDS = "groupName,members,mainThread,modifiedTimestamp,isFavorite"
PAGE_SIZE = 200
MAX_PAGES = 25
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

    def invalidate(self, group_ids: Sequence[str] = ()) -> None:
        """Remove these groups and all pages of both lists from the cache."""
        offsets = range(0, MAX_PAGES * PAGE_SIZE, PAGE_SIZE)
        page_keys = [(filter_name, str(offset)) for filter_name in FILTERS for offset in offsets]
        self.cached_api.invalidate(MESSAGE_GROUPS, page_keys)
        self.cached_api.invalidate(MESSAGE_GROUP, [(group_id,) for group_id in group_ids])

    async def _get_page(self, offset: int) -> Cached[PsnMessageGroupPage]:
        check_offset(offset)
        depth = 1
        while True:
            lists = await asyncio.gather(*(self._get_list(name, depth) for name in FILTERS))
            page = _merge_lists(lists, offset)
            if page.groups or page.next_offset is None or depth == MAX_PAGES:
                break
            depth += 1
        parts = [part for pages in lists for part in pages]
        fetched_at = min(part.fetched_at for part in parts)
        return Cached(page, fetched_at, any(part.stale for part in parts))

    async def _get_list(self, filter_name: str, depth: int) -> GroupListPages:
        """Return the first `depth` pages of one list, or fewer if it ends before."""
        pages: GroupListPages = []
        while len(pages) < depth and not (pages and pages[-1].value.is_last):
            offset = len(pages) * PAGE_SIZE
            load = partial(self._load_list_page, filter_name, offset)
            key = (filter_name, str(offset))
            pages.append(await self.cached_api.get_or_load(MESSAGE_GROUPS, key, load))
        return pages

    async def _load_list_page(self, filter_name: str, offset: int) -> GroupListPage:
        params = {
            "limit": str(PAGE_SIZE),
            "offset": str(offset),
            "favoriteFilter": filter_name,
            "includeFields": f"{GROUP_FIELDS},totalGroupCount",
        }
        reply = await self.cached_api.api.get(self._base_url, GROUP_RULES, params)
        response = reply.decode(MessageGroupsResponse)
        groups = tuple([await self._map_row(row) for row in response.groups])
        for group in groups:
            await self.cached_api.set_cached(MESSAGE_GROUP, group, group.native_id)
        # PSN sends a next offset even at the end, which only the total or an empty page shows.
        is_last = response.total is not None and offset + PAGE_SIZE >= response.total
        return GroupListPage(
            groups=groups, total=response.total, is_last=is_last or not response.groups
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
    unfinished_lists = [pages for pages in lists if not pages[-1].value.is_last]
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
        total=None if unfinished_lists else len(groups_by_id),
        next_offset=next_offset if has_more else None,
    )


def _get_oldest(pages: GroupListPages) -> datetime:
    return min((_get_modified_at(group) for group in pages[-1].value.groups), default=EPOCH)


def _get_modified_at(message_group: PsnMessageGroup) -> datetime:
    return message_group.modified_at or EPOCH
