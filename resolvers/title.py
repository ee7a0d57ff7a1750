"""A title and its contents: only the parts that a query needs are loaded."""

import asyncio
from collections.abc import Coroutine, Iterable
from functools import cache
from typing import Any, NamedTuple

import msgspec

from providers.capabilities import (
    ContentsKey,
    HasStableIds,
    HasUnlockHistory,
    TitlePageKey,
    has_capability,
)
from providers.errors import NotFound
from providers.kit.caching.cached import Cached
from providers.records import FACT_PARTS, Achievement, Contents, Group, Part, Title
from providers.registry import Source
from resolvers.arguments import AchievementState
from resolvers.context import AccountRef, Owner, ResolverContext
from resolvers.title_list.pages import TitlePages

ACHIEVEMENT_PARTS = Part.DEFINITIONS | Part.EARNED | Part.RARITY
GROUP_PARTS = Part.GROUPS | Part.GROUP_PROGRESS | ACHIEVEMENT_PARTS  # any tells the groups
PLAYER_PARTS = Part.EARNED | Part.RARITY | Part.GROUP_PROGRESS | Part.TITLE_PROGRESS
# The fields of a title that are the same for every player.
DEFINITION_FIELDS = (
    "native_id",
    "name",
    "detail",
    "icon",
    "platforms",
    "service_name",
    "set_version",
    "has_groups",
    "defined_counts",
    "achievement_count",
    "definition_version",
)


class FoundTitle(NamedTuple):
    """A title of an account, and the title that its contents are requested with."""

    record: Title
    request_title: Title


async def owner_of(
    context: ResolverContext,
    account: AccountRef,
    *,
    needs_ids: bool = True,
    prefetch_list: bool = False,
    with_counts: bool = True,
) -> Owner:
    """Return the owner of an account's titles, with the account id that their ids contain.

    Without `needs_ids` the id is not looked up where the handle is enough for requests. With
    `prefetch_list` the first page of its titles is loaded at the same time, by default with counts.
    """
    source, handle = account.source, account.handle
    client = context.loaders.get_client(source)
    is_own = handle == client.own_handle
    has_stable_ids = has_capability(client, HasStableIds)
    if not needs_ids and (is_own or has_stable_ids):
        return Owner(source, handle, is_own=is_own)
    account_id = context.loaders.load_account_id(source, handle)
    if has_stable_ids:  # a request by name could show another account's data under these ids
        return Owner(source, handle, await account_id)
    if is_own and prefetch_list:
        titles = context.loaders.load_titles(source, TitlePageKey(handle), with_counts=with_counts)
        account_id = _await_with_prefetch(account_id, titles)
    return Owner(source, handle, await account_id, is_own)


async def _await_with_prefetch(
    account_id: Coroutine[Any, Any, str], titles: Coroutine[Any, Any, object]
) -> str:
    # The loaders keep the titles, or their error, for the list that reads them next.
    result, _ = await asyncio.gather(account_id, titles, return_exceptions=True)
    if isinstance(result, BaseException):
        raise result
    return result


async def get_contents(
    context: ResolverContext, owner: Owner, title: Title, parts: Part
) -> Contents:
    """Return the parts of a title that are available for the owner."""
    parts = restrict_parts(owner, parts)
    return (await _load_contents(context, owner, title, parts)).value if parts else Contents()


def _load_contents(
    context: ResolverContext, owner: Owner, title: Title, parts: Part
) -> Coroutine[Any, Any, Cached[Contents]]:
    key = ContentsKey(owner.request_handle or None, title, parts)
    return context.loaders.load_contents(owner.source, key)


def restrict_parts(owner: Owner, parts: Part) -> Part:
    """Return the parts that can be requested: without a player, nothing that a player earned."""
    return _restrict_parts(parts, has_player=owner.handle is not None)


@cache
def _restrict_parts(
    parts: Part, *, has_player: bool, sufficient: Part = Part.NONE, default: Part = Part.NONE
) -> Part:
    """Return the parts for a player or none, with the `default` if none is `sufficient`."""
    # Kept, because the operators of flags are slow.
    # Facts are loaded apart, and only achievements without a title have counters.
    parts &= ~(FACT_PARTS | Part.ACHIEVEMENT_PROGRESS)
    parts = parts if has_player else parts & ~PLAYER_PARTS
    return parts if parts & sufficient else parts | default


async def get_definition(
    context: ResolverContext, source: Source, native_id: str, parts: Part
) -> Title | None:
    """Return a title without a player; None if it does not exist."""
    context.loaders.check_title(source, native_id)
    owner, request_title = Owner(source), Title(native_id=native_id)
    parts = restrict_parts(owner, parts) or Part.TITLE
    try:
        found = await get_contents(context, owner, request_title, parts)
    except NotFound:
        return None
    return found.title or request_title


async def find_title(
    context: ResolverContext, owner: Owner, native_id: str, *, with_counts: bool = True
) -> FoundTitle | None:
    """Return a title of an account; None if the account does not have it."""
    try:
        found = await find_listed_title(context, owner, native_id, with_counts=with_counts)
    except NotFound:
        return None
    if found is not None:
        return FoundTitle(found, found)
    return await _find_unlisted_title(context, owner, native_id)


async def find_listed_title(
    context: ResolverContext, owner: Owner, native_id: str, *, with_counts: bool = True
) -> Title | None:
    """Return a title of an account's list; None if it is not there."""
    pages = TitlePages(context, owner, with_counts=with_counts)
    while pages.has_next:
        moved, listed = await pages.read_next()
        for title in (*moved, *listed):
            if title.native_id == native_id:
                return title
    return None


async def find_title_by_contents(
    context: ResolverContext, owner: Owner, native_id: str, parts: Part
) -> FoundTitle | None:
    """Return a title by parts that only a player of it has; None if the account does not have it.

    A source with an unlock history answers these for any title, so its list is needed.
    """
    request_title = Title(native_id=native_id)
    try:
        found = await get_contents(context, owner, request_title, parts)
    except NotFound:
        return None
    return FoundTitle(found.title or request_title, request_title)


async def _find_unlisted_title(
    context: ResolverContext, owner: Owner, native_id: str
) -> FoundTitle | None:
    """Return a title with earned achievements that the source's list leaves out."""
    if not context.loaders.has_capability(owner.source, HasUnlockHistory):
        return None
    request_title = Title(native_id=native_id)
    try:
        found = await get_contents(context, owner, request_title, Part.TITLE | Part.TITLE_PROGRESS)
    except NotFound:
        return None
    if found.title is None or not found.title.earned_count:
        return None
    return FoundTitle(found.title, request_title)


async def get_groups(
    context: ResolverContext, owner: Owner, title: Title, parts: Part
) -> tuple[Group, ...] | None:
    """Return the title's groups with at least the given parts."""
    parts = _restrict_parts(
        parts,
        has_player=owner.handle is not None,
        sufficient=GROUP_PARTS,
        default=Part.GROUPS,
    )
    found = (await _load_contents(context, owner, title, parts)).value
    if found.groups is not None or found.achievements is None:
        return found.groups
    group_ids = dict.fromkeys(each.group_id for each in found.achievements if each.group_id)
    return tuple(Group(native_id=group_id) for group_id in group_ids)


async def get_achievements(
    context: ResolverContext, owner: Owner, title: Title, parts: Part
) -> tuple[Achievement, ...] | None:
    """Return the title's achievements with at least the given parts, hidden ones not masked."""
    parts = _restrict_parts(
        parts,
        has_player=owner.handle is not None,
        sufficient=ACHIEVEMENT_PARTS,
        default=Part.DEFINITIONS,
    )
    return (await _load_contents(context, owner, title, parts)).value.achievements


def filter_by_state(
    achievements: Iterable[Achievement],
    state: AchievementState,
    *,
    reveal: bool,
    group_id: str | None = None,
) -> list[Achievement]:
    """Return the achievements of a state, hidden ones masked; definitions are in no state.

    With `group_id`, only those of the group.
    """
    return [
        mask_hidden(achievement) if achievement.hidden and not reveal else achievement
        for achievement in achievements
        if (group_id is None or achievement.group_id == group_id)
        and (
            state is AchievementState.ALL
            or achievement.earned is (state is AchievementState.EARNED)
        )
    ]


def mask_hidden(achievement: Achievement) -> Achievement:
    """Return the achievement without what a hidden one shows only once it is earned."""
    if not achievement.hidden or achievement.earned:
        return achievement
    return msgspec.structs.replace(
        achievement, name=None, description=None, icon=None, reward=None, progress=None
    )


def without_player(achievement: Achievement) -> Achievement:
    """Return the achievement's definition, without the player's state."""
    return msgspec.structs.replace(
        achievement,
        earned=None,
        earned_at=None,
        earned_at_softcore=None,
        unlock_mode=None,
        progress=None,
    )


def without_owner(title: Title) -> Title:
    """Return the title's definition, without the row of a player."""
    return Title(**{name: getattr(title, name) for name in DEFINITION_FIELDS})


def find_rarest(achievements: Iterable[Achievement]) -> list[Achievement]:
    """Return the earned achievements with the lowest rarity; several on a tie."""
    rated = [(each.rarity.percent, each) for each in achievements if each.earned and each.rarity]
    lowest = min((percent for percent, _ in rated), default=None)
    return [each for percent, each in rated if percent == lowest]
