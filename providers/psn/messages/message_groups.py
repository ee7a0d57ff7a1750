"""The viewer's message groups: the favourites and the others are two lists, joined by time."""

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
from providers.psn.api import PsnApi, invalidate
from providers.psn.cache_policies import MESSAGE_GROUP, MESSAGE_GROUPS
from providers.psn.cached_records import GroupListPage
from providers.psn.identifiers import ME, check_message_group, check_offset
from providers.psn.messages.message_mapping import map_group
from providers.psn.messages.models import MessageGroupRow, MessageGroupsResponse
from providers.psn.people.accounts import Accounts
from providers.psn_records import PsnMessageGroup, PsnMessageGroupPage

FILTERS = ("favorite", "notFavorite")
GROUP_FIELDS = "groupName,members,mainThread,modifiedTimestamp,isFavorite"
PAGE_SIZE = 200
MAX_PAGES = 25
GROUP_RULES = errors.ErrorRules(2285568, "You are not in such a group.")

GroupListPages = list[Cached[GroupListPage]]


@dataclass(frozen=True)
class MessageGroups:
    """The groups that the viewer's account is in."""

    api: PsnApi
    accounts: Accounts

    async def get_pages(
        self, offsets: Sequence[int]
    ) -> list[Cached[PsnMessageGroupPage] | ProviderError]:
        """Pages of groups, last modified first; two calls for the first 200."""
        return await gather_outcomes([self._get_page(offset) for offset in offsets])

    async def get_groups(
        self, group_ids: Sequence[str]
    ) -> list[Cached[PsnMessageGroup] | ProviderError]:
        """Groups by id."""
        return await gather_outcomes([self._get_group(group_id) for group_id in group_ids])

    async def invalidate(self, group_ids: Sequence[str] = ()) -> None:
        """Drop what is known of some groups, and all lists of them."""
        offsets = range(0, MAX_PAGES * PAGE_SIZE, PAGE_SIZE)
        list_keys = [(name, str(offset)) for name in FILTERS for offset in offsets]
        await invalidate(self.api, MESSAGE_GROUPS, list_keys)
        await invalidate(self.api, MESSAGE_GROUP, [(group_id,) for group_id in group_ids])

    async def _get_page(self, offset: int) -> Cached[PsnMessageGroupPage]:
        check_offset(offset)
        depth = 1
        while True:
            lists = await asyncio.gather(*(self._get_list(name, depth) for name in FILTERS))
            page = _merge_lists(lists, offset)
            if page.groups or page.next_offset is None or depth == MAX_PAGES:
                break
            depth += 1
        answers = [answer for stretches in lists for answer in stretches]
        fetched = min(answer.fetched_at for answer in answers)
        return Cached(page, fetched, any(answer.stale for answer in answers))

    async def _get_list(self, name: str, depth: int) -> GroupListPages:
        pages: GroupListPages = []
        while len(pages) < depth and not (pages and pages[-1].value.is_last):
            offset = len(pages) * PAGE_SIZE
            load = partial(self._load_list_page, name, offset)
            answer = await self.api.get_or_load(MESSAGE_GROUPS, (name, str(offset)), load)
            pages.append(answer)
        return pages

    async def _load_list_page(self, name: str, offset: int) -> GroupListPage:
        params = {
            "limit": str(PAGE_SIZE),
            "offset": str(offset),
            "favoriteFilter": name,
            "includeFields": f"{GROUP_FIELDS},totalGroupCount",
        }
        response = (await self.api.get(self._base_url, GROUP_RULES, params)).decode(
            MessageGroupsResponse
        )
        groups = tuple([await self._map_row(row) for row in response.groups])
        for one in groups:
            await self.api.set_cached(MESSAGE_GROUP, one, one.native_id)
        # Its own offsets never end: an empty page does, or the number of all groups.
        is_last = response.total is not None and offset + PAGE_SIZE >= response.total
        return GroupListPage(
            groups=groups, total=response.total, is_last=is_last or not response.groups
        )

    async def _get_group(self, group_id: str) -> Cached[PsnMessageGroup]:
        check_message_group(group_id)
        load = partial(self._load_group, group_id)
        return await self.api.get_or_load(MESSAGE_GROUP, (group_id,), load)

    async def _load_group(self, group_id: str) -> PsnMessageGroup:
        url = f"{self._base_url}/{quote_segment(group_id)}"
        reply = await self.api.get(url, GROUP_RULES, {"includeFields": GROUP_FIELDS})
        return await self._map_row(reply.decode(MessageGroupRow))

    async def _map_row(self, row: MessageGroupRow) -> PsnMessageGroup:
        own_id = None
        if not (row.name and row.name.value):
            own_id = await self._find_own_id()
        return map_group(row, own_id)

    async def _find_own_id(self) -> str | None:
        """Whom to leave out of a group's label; a label is not worth a failure."""
        try:
            return await self.accounts.get_account_id(ME)
        except ProviderError:
            return None

    @property
    def _base_url(self) -> str:
        return f"{self.api.urls.mobile}/api/gamingLoungeGroups/v1/members/me/groups"


def _merge_lists(lists: list[GroupListPages], offset: int) -> PsnMessageGroupPage:
    """What is settled of both lists: nothing that is still to come can be newer."""
    groups_by_id = {
        one.native_id: one for stretches in lists for part in stretches for one in part.value.groups
    }
    open_lists = [stretches for stretches in lists if not stretches[-1].value.is_last]
    horizon = max((_get_oldest(stretches) for stretches in open_lists), default=EPOCH)
    settled = sorted(
        (one for one in groups_by_id.values() if _get_modified_at(one) >= horizon),
        key=_get_modified_at,
        reverse=True,
    )
    shown = tuple(settled[offset : offset + PAGE_SIZE])
    next_offset = offset + len(shown)
    has_more = bool(open_lists) or next_offset < len(settled)
    return PsnMessageGroupPage(
        groups=shown,
        total=None if open_lists else len(groups_by_id),
        next_offset=next_offset if has_more else None,
    )


def _get_oldest(pages: GroupListPages) -> datetime:
    return min((_get_modified_at(one) for one in pages[-1].value.groups), default=EPOCH)


def _get_modified_at(message_group: PsnMessageGroup) -> datetime:
    return message_group.modified_at or EPOCH
