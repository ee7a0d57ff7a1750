"""A title and what is in it: which parts a question needs, and nothing besides."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import Any, NamedTuple

import msgspec

from providers.capabilities import ContentsKey, HasUnlockHistory, TitlePageKey
from providers.errors import NotFound
from providers.records import Achievement, Contents, Group, Part, Title
from providers.registry import Source
from resolvers.arguments import AchievementState
from resolvers.context import AccountRef, Owner, ResolverContext
from resolvers.title_list.pages import TitlePages

GROUP_PARTS = Part.GROUPS | Part.GROUP_PROGRESS
ACHIEVEMENT_PARTS = Part.DEFINITIONS | Part.EARNED | Part.RARITY
PLAYER_PARTS = Part.EARNED | Part.RARITY | Part.GROUP_PROGRESS | Part.TITLE_PROGRESS


class FoundTitle(NamedTuple):
    """A title that somebody has, and by what its contents are asked for."""

    record: Title
    request_title: Title


async def owner_of(
    context: ResolverContext,
    account: AccountRef,
    *,
    needs_ids: bool = True,
    prefetch_list: bool = False,
) -> Owner:
    """An account's shelf, with the id its titles carry.

    Where no id is asked for, the viewer's own account need not be looked up to be asked about.
    Where its list is going to be asked for, that is done meanwhile.
    """
    source, handle = account.source, account.handle
    is_own = handle == context.loaders.get_client(source).own_handle
    if is_own and not needs_ids:
        return Owner(source, handle, is_own=True)
    account_id = context.loaders.load_account_id(source, handle)
    if is_own and prefetch_list:
        account_id = _await_with_prefetch(
            account_id, context.loaders.load_titles(source, TitlePageKey(handle))
        )
    return Owner(source, handle, await account_id, is_own)


async def _await_with_prefetch(awaitable: Awaitable[str], prefetch: Awaitable[Any]) -> str:
    """What is wanted, asked for together with what the loaders keep for who will need it."""
    result, _ = await asyncio.gather(awaitable, prefetch, return_exceptions=True)
    if isinstance(result, BaseException):
        raise result
    return result


async def get_contents(
    context: ResolverContext, owner: Owner, title: Title, parts: Part
) -> Contents:
    """The wanted parts, as far as they can be asked for."""
    parts = restrict_parts(owner, parts)
    if not parts:
        return Contents()
    key = ContentsKey(owner.request_handle or None, title, parts)
    return (await context.loaders.load_contents(owner.source, key)).value


def restrict_parts(owner: Owner, parts: Part) -> Part:
    """Without a player there is nothing earned to ask for; titles have no loose counts."""
    parts &= ~Part.ACHIEVEMENT_PROGRESS
    return parts if owner.handle is not None else parts & ~PLAYER_PARTS


async def get_definition(
    context: ResolverContext, source: Source, native_id: str, parts: Part
) -> Title | None:
    """A title without any player; None when nobody knows it."""
    context.loaders.check_title(source, native_id)
    owner, request_title = Owner(source), Title(native_id=native_id)
    try:
        found = await get_contents(
            context, owner, request_title, restrict_parts(owner, parts) or Part.TITLE
        )
    except NotFound:
        return None
    return found.title or request_title


async def find_title(context: ResolverContext, owner: Owner, native_id: str) -> FoundTitle | None:
    """A title that an account has; None when it has not."""
    pages = TitlePages(context, owner)
    while pages.next_key is not None:
        try:
            moved, listed = await pages.read_next()
        except NotFound:
            return None
        for title in (*moved, *listed):
            if title.native_id == native_id:
                return FoundTitle(title, title)
    return await _find_unlisted_title(context, owner, native_id)


async def _find_unlisted_title(
    context: ResolverContext, owner: Owner, native_id: str
) -> FoundTitle | None:
    """A title that the list leaves out although something was earned in it."""
    if not context.loaders.has_capability(owner.source, HasUnlockHistory):
        return None
    request_title = Title(native_id=native_id)
    try:
        found = await get_contents(context, owner, request_title, Part.TITLE | Part.TITLE_PROGRESS)
    except NotFound:
        return None
    return (
        FoundTitle(found.title, request_title) if found.title and found.title.earned_count else None
    )


async def get_groups(
    context: ResolverContext, owner: Owner, title: Title, parts: Part
) -> tuple[Group, ...] | None:
    """The title's groups with as many parts as are wanted."""
    parts = restrict_parts(owner, parts)
    if not parts & (GROUP_PARTS | ACHIEVEMENT_PARTS):
        parts |= Part.GROUPS
    found = await get_contents(context, owner, title, parts)
    if found.groups is not None or found.achievements is None:
        return found.groups
    group_ids = dict.fromkeys(each.group_id for each in found.achievements if each.group_id)
    return tuple(Group(native_id=group_id) for group_id in group_ids)


async def get_achievements(
    context: ResolverContext, owner: Owner, title: Title, parts: Part
) -> tuple[Achievement, ...] | None:
    """The title's achievements, unmasked, with as many parts as are wanted."""
    parts = restrict_parts(owner, parts)
    if not parts & ACHIEVEMENT_PARTS:
        parts |= Part.DEFINITIONS
    return (await get_contents(context, owner, title, parts)).achievements


def filter_by_state(
    achievements: Iterable[Achievement], state: AchievementState, *, reveal: bool
) -> list[Achievement]:
    """Those of one state, hidden ones masked. Of a bare definition none is earned or locked."""
    return [
        achievement if reveal else mask_hidden(achievement)
        for achievement in achievements
        if state is AchievementState.ALL or achievement.earned is (state is AchievementState.EARNED)
    ]


def mask_hidden(achievement: Achievement) -> Achievement:
    """A hidden achievement keeps its secret until it is earned."""
    if not achievement.hidden or achievement.earned:
        return achievement
    return msgspec.structs.replace(
        achievement, name=None, description=None, icon=None, reward=None, progress=None
    )


def without_player(achievement: Achievement) -> Achievement:
    """What there is to earn, without what a player did about it."""
    return msgspec.structs.replace(
        achievement,
        earned=None,
        earned_at=None,
        earned_at_softcore=None,
        unlock_mode=None,
        progress=None,
    )


def find_rarest(achievements: Iterable[Achievement]) -> list[Achievement]:
    """The earned ones of the lowest rarity; several on a tie."""
    rated = [(each.rarity.percent, each) for each in achievements if each.earned and each.rarity]
    lowest = min((percent for percent, _ in rated), default=None)
    return [each for percent, each in rated if percent == lowest]
