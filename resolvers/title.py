"""A title and what is in it: which parts a question needs, and nothing besides."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import Any, NamedTuple

import msgspec

from providers.capabilities import ContentsKey, HasUnlockHistory, TitlesKey
from providers.errors import NotFound
from providers.records import (
    Achievement,
    AchievementState,
    Contents,
    Group,
    Part,
    Title,
)
from providers.registry import Source
from resolvers.context import Account, Context, Shelf
from resolvers.title_list.pages import TitlePages

OF_GROUPS = Part.GROUPS | Part.GROUP_PROGRESS
OF_ACHIEVEMENTS = Part.DEFINITIONS | Part.EARNED | Part.RARITY
OF_PLAYER = Part.EARNED | Part.RARITY | Part.GROUP_PROGRESS | Part.TITLE_PROGRESS


class Held(NamedTuple):
    """A title that somebody has, and by what its contents are asked for."""

    record: Title
    asked: Title


async def shelf_of(
    context: Context, account: Account, *, named: bool = True, listed: bool = False
) -> Shelf:
    """An account's shelf, with the id its titles carry.

    Where no id is asked for, the viewer's own account need not be looked up to be asked about.
    Where its list is going to be asked for, that is done meanwhile.
    """
    source, handle = account.source, account.handle
    own = handle == context.loaders.client(source).own_handle
    if own and not named:
        return Shelf(source, handle, own=True)
    account_id = context.loaders.account_id(source, handle)
    if own and listed:
        account_id = _beside(account_id, context.loaders.titles(source, TitlesKey(handle)))
    return Shelf(source, handle, await account_id, own)


async def _beside(wanted: Awaitable[str], other: Awaitable[Any]) -> str:
    """What is wanted, asked for together with what the loaders keep for who will need it."""
    result, _ = await asyncio.gather(wanted, other, return_exceptions=True)
    if isinstance(result, BaseException):
        raise result
    return result


async def contents(context: Context, shelf: Shelf, title: Title, wanted: Part) -> Contents:
    """The wanted parts, as far as they can be asked for."""
    wanted = askable(shelf, wanted)
    if not wanted:
        return Contents()
    key = ContentsKey(shelf.asked or None, title, wanted)
    return (await context.loaders.contents(shelf.source, key)).value


def askable(shelf: Shelf, wanted: Part) -> Part:
    """Without a player there is nothing earned to ask for; titles have no loose counts."""
    wanted &= ~Part.PROGRESS
    return wanted if shelf.handle is not None else wanted & ~OF_PLAYER


async def definition(
    context: Context, source: Source, native_id: str, wanted: Part
) -> Title | None:
    """A title without any player; None when nobody knows it."""
    context.loaders.check_title(source, native_id)
    shelf, asked = Shelf(source), Title(native_id=native_id)
    try:
        found = await contents(context, shelf, asked, askable(shelf, wanted) or Part.TITLE)
    except NotFound:
        return None
    return found.title or asked


async def of_account(context: Context, shelf: Shelf, native_id: str) -> Held | None:
    """A title that an account has; None when it has not."""
    pages = TitlePages(context, shelf)
    while pages.next is not None:
        try:
            moved, listed = await pages.more()
        except NotFound:
            return None
        for title in (*moved, *listed):
            if title.native_id == native_id:
                return Held(title, title)
    return await _unlisted(context, shelf, native_id)


async def _unlisted(context: Context, shelf: Shelf, native_id: str) -> Held | None:
    """A title that the list leaves out although something was earned in it."""
    if not context.loaders.can(shelf.source, HasUnlockHistory):
        return None
    asked = Title(native_id=native_id)
    try:
        found = await contents(context, shelf, asked, Part.TITLE | Part.TITLE_PROGRESS)
    except NotFound:
        return None
    return Held(found.title, asked) if found.title and found.title.earned_count else None


async def groups(
    context: Context, shelf: Shelf, title: Title, wanted: Part
) -> tuple[Group, ...] | None:
    """The title's groups with as many parts as are wanted."""
    wanted = askable(shelf, wanted)
    if not wanted & (OF_GROUPS | OF_ACHIEVEMENTS):
        wanted |= Part.GROUPS
    found = await contents(context, shelf, title, wanted)
    if found.groups is not None or found.achievements is None:
        return found.groups
    named = dict.fromkeys(each.group_id for each in found.achievements if each.group_id)
    return tuple(Group(native_id=group_id) for group_id in named)


async def achievements(
    context: Context, shelf: Shelf, title: Title, wanted: Part
) -> tuple[Achievement, ...] | None:
    """The title's achievements, unmasked, with as many parts as are wanted."""
    wanted = askable(shelf, wanted)
    if not wanted & OF_ACHIEVEMENTS:
        wanted |= Part.DEFINITIONS
    return (await contents(context, shelf, title, wanted)).achievements


def chosen(
    achievements: Iterable[Achievement], state: AchievementState, *, reveal: bool
) -> list[Achievement]:
    """Those of one state, hidden ones masked. Of a bare definition none is earned or locked."""
    return [
        achievement if reveal else masked(achievement)
        for achievement in achievements
        if state is AchievementState.ALL or achievement.earned is (state is AchievementState.EARNED)
    ]


def masked(achievement: Achievement) -> Achievement:
    """A hidden achievement keeps its secret until it is earned."""
    if not achievement.hidden or achievement.earned:
        return achievement
    return msgspec.structs.replace(
        achievement, name=None, description=None, icon=None, reward=None, progress=None
    )


def bare(achievement: Achievement) -> Achievement:
    """What there is to earn, without what a player did about it."""
    return msgspec.structs.replace(
        achievement,
        earned=None,
        earned_at=None,
        earned_at_softcore=None,
        unlock_mode=None,
        progress=None,
    )


def rarest(achievements: Iterable[Achievement]) -> list[Achievement]:
    """The earned ones of the lowest rarity; several on a tie."""
    rated = [(each.rarity.percent, each) for each in achievements if each.earned and each.rarity]
    lowest = min((percent for percent, _ in rated), default=None)
    return [each for percent, each in rated if percent == lowest]
