"""The viewer's message groups: the favourites and the others are two lists, joined by time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from providers.errors import ProviderError
from providers.kit.caching.cache import gather
from providers.kit.caching.cached import Answer
from providers.kit.text import segment
from providers.kit.upstream.decode import EPOCH
from providers.psn import errors
from providers.psn.api import Connection, forget
from providers.psn.cache_policies import MESSAGE_GROUP, MESSAGE_GROUPS
from providers.psn.cached_records import Stretch
from providers.psn.identifiers import ME, check_group, check_offset
from providers.psn.messages.message_mapping import group
from providers.psn.messages.models import GroupRow, Groups
from providers.psn.people.accounts import Accounts
from providers.records import PsnMessageGroup, PsnMessageGroupPage

FILTERS = ("favorite", "notFavorite")
FIELDS = "groupName,members,mainThread,modifiedTimestamp,isFavorite"
PAGE = 200
MOST_STRETCHES = 25
LOUNGE = errors.Refusals(2285568, "You are not in such a group.")

Stretches = list[Answer[Stretch]]


@dataclass(frozen=True)
class MessageGroups:
    """The groups that the viewer's account is in."""

    connection: Connection
    accounts: Accounts

    async def pages(
        self, offsets: Sequence[int]
    ) -> list[Answer[PsnMessageGroupPage] | ProviderError]:
        """Pages of groups, last modified first; two calls for the first 200."""
        return await gather([self._page(offset) for offset in offsets])

    async def groups(
        self, group_ids: Sequence[str]
    ) -> list[Answer[PsnMessageGroup] | ProviderError]:
        """Groups by id."""
        return await gather([self._group(group_id) for group_id in group_ids])

    async def forget(self, group_ids: Sequence[str] = ()) -> None:
        """Drop what is known of some groups, and all lists of them."""
        offsets = range(0, MOST_STRETCHES * PAGE, PAGE)
        lists = [(name, str(offset)) for name in FILTERS for offset in offsets]
        await forget(self.connection, MESSAGE_GROUPS, lists)
        await forget(self.connection, MESSAGE_GROUP, [(group_id,) for group_id in group_ids])

    async def _page(self, offset: int) -> Answer[PsnMessageGroupPage]:
        check_offset(offset)
        depth = 1
        while True:
            lists = await asyncio.gather(*(self._list(name, depth) for name in FILTERS))
            page = _joined(lists, offset)
            if page.groups or page.next_offset is None or depth == MOST_STRETCHES:
                break
            depth += 1
        answers = [answer for stretches in lists for answer in stretches]
        fetched = min(answer.fetched_at for answer in answers)
        return Answer(page, fetched, any(answer.stale for answer in answers))

    async def _list(self, name: str, depth: int) -> Stretches:
        found: Stretches = []
        while len(found) < depth and not (found and found[-1].value.ended):
            offset = len(found) * PAGE
            load = partial(self._load, name, offset)
            answer = await self.connection.remember(MESSAGE_GROUPS, (name, str(offset)), load)
            found.append(answer)
        return found

    async def _load(self, name: str, offset: int) -> Stretch:
        params = {
            "limit": str(PAGE),
            "offset": str(offset),
            "favoriteFilter": name,
            "includeFields": f"{FIELDS},totalGroupCount",
        }
        answer = (await self.connection.get(self._base, LOUNGE, params)).decode(Groups)
        known = tuple([await self._read(row) for row in answer.groups])
        for one in known:
            await self.connection.keep(MESSAGE_GROUP, one, one.native_id)
        # Its own offsets never end: an empty page does, or the number of all groups.
        counted = answer.total is not None and offset + PAGE >= answer.total
        return Stretch(groups=known, total=answer.total, ended=counted or not answer.groups)

    async def _group(self, group_id: str) -> Answer[PsnMessageGroup]:
        check_group(group_id)
        load = partial(self._load_group, group_id)
        return await self.connection.remember(MESSAGE_GROUP, (group_id,), load)

    async def _load_group(self, group_id: str) -> PsnMessageGroup:
        url = f"{self._base}/{segment(group_id)}"
        reply = await self.connection.get(url, LOUNGE, {"includeFields": FIELDS})
        return await self._read(reply.decode(GroupRow))

    async def _read(self, row: GroupRow) -> PsnMessageGroup:
        own_id = None
        if not (row.name and row.name.value):
            own_id = await self._own_id()
        return group(row, own_id)

    async def _own_id(self) -> str | None:
        """Whom to leave out of a group's label; a label is not worth a failure."""
        try:
            return await self.accounts.account_id(ME)
        except ProviderError:
            return None

    @property
    def _base(self) -> str:
        return f"{self.connection.hosts.mobile}/api/gamingLoungeGroups/v1/members/me/groups"


def _joined(lists: list[Stretches], offset: int) -> PsnMessageGroupPage:
    """What is settled of both lists: nothing that is still to come can be newer."""
    known = {
        one.native_id: one for stretches in lists for part in stretches for one in part.value.groups
    }
    open_lists = [stretches for stretches in lists if not stretches[-1].value.ended]
    horizon = max((_oldest(stretches) for stretches in open_lists), default=EPOCH)
    settled = sorted(
        (one for one in known.values() if _moment(one) >= horizon), key=_moment, reverse=True
    )
    shown = tuple(settled[offset : offset + PAGE])
    following = offset + len(shown)
    more = bool(open_lists) or following < len(settled)
    return PsnMessageGroupPage(
        groups=shown,
        total=None if open_lists else len(known),
        next_offset=following if more else None,
    )


def _oldest(stretches: Stretches) -> datetime:
    return min((_moment(one) for one in stretches[-1].value.groups), default=EPOCH)


def _moment(one: PsnMessageGroup) -> datetime:
    return one.modified_at or EPOCH
