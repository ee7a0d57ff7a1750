"""Finding things again by their ids."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import strawberry

from providers.errors import BadInput, NotFound
from providers.records import AchievementState, Part, Title
from providers.registry import Source
from resolvers import award as awards
from resolvers import campaign as campaigns
from resolvers import context as asked
from resolvers import title as titles
from resolvers import user as users
from resolvers.context import Shelf
from schema.account import KINDS, account_of
from schema.award import Award
from schema.campaign import Campaign
from schema.global_id import foreign, source_named, unpacked
from schema.message import group_of as message_group_of
from schema.node import MOST_AT_ONCE, Info, Node
from schema.selection import Selection
from schema.title import Achievement, TrophyGroup, bare_title
from schema.title_parts import achievement_parts, group_parts, title_parts
from schema.user import User, title_of_user


async def node(info: Info, text: str, argument: str) -> Node | None:
    """The thing of that id; `BadInput` for an id this server never gave."""
    kind, *parts = unpacked(text, argument) or ("",)
    find = FINDERS.get(kind) if isinstance(kind, str) else None
    if find is None or not all(isinstance(part, str) for part in parts):
        raise foreign(argument)
    try:
        finding = find(info, argument, *parts)
    except TypeError:  # too few parts, or too many
        raise foreign(argument) from None
    try:
        return await finding
    except BadInput:  # a handle or a title's id that cannot be right came out of the id
        raise foreign(argument) from None
    except NotFound:
        return None


async def several(info: Info, ids: list[strawberry.ID]) -> list[Any]:
    """The things of those ids; one that fails fails alone."""
    if len(ids) > MOST_AT_ONCE:
        raise BadInput(f"ids: up to {MOST_AT_ONCE}.", argument="ids")
    return await asyncio.gather(*(node(info, each, "ids") for each in ids), return_exceptions=True)


async def referenced(info: Info, kind: type[Node], keys: dict[str, Any]) -> Node | None:
    """The entity of a type by one of its keys: its id, or an account by its own name."""
    given = keys.get("id")
    if isinstance(given, str):
        found = await node(info, given, "representations")
        if found is None or isinstance(found, kind):
            return found
    source = next((each for each, account in KINDS.items() if account is kind), None)
    handle = keys.get("accountId" if source is Source.PSN else "handle")
    if source is not None and isinstance(handle, str):
        return account_of(_checked(info, source, handle), Selection.below(info))
    message = "representations: each needs a key of its type."
    raise BadInput(message, argument="representations")


async def _user(info: Info, argument: str, *parts: str) -> Node | None:
    if not parts or len(parts) % 2:
        raise foreign(argument)
    pairs = zip(parts[::2], parts[1::2], strict=True)
    named = [asked.Account(source_named(name, argument), handle) for name, handle in pairs]
    return User(accounts_named=users.checked(info.context, named))


def _account(kind: str) -> Callable[..., Awaitable[Node | None]]:
    async def find(info: Info, argument: str, name: str, handle: str) -> Node | None:
        source = source_named(name, argument)
        if KINDS[source].__name__ != kind:
            raise foreign(argument)
        account = _checked(info, source, handle)
        return account_of(account, Selection.below(info))

    return find


async def _title(info: Info, argument: str, name: str, account_id: str, native: str) -> Any:
    source = source_named(name, argument)
    info.context.loaders.check_title(source, native)
    if not account_id:
        return await bare_title(info, source, native)
    account = _checked(info, source, account_id)
    parts = title_parts(Selection.below(info))
    return await title_of_user(info, (account,), source, native, parts)


async def _inside(
    info: Info, argument: str, name: str, account_id: str, native: str
) -> tuple[Shelf, Title] | None:
    """Whose title something is in, and which; a bare one is believed without a question."""
    source = source_named(name, argument)
    info.context.loaders.check_title(source, native)
    if not account_id:
        return Shelf(source), Title(native_id=native)
    account = _checked(info, source, account_id)
    title = await title_of_user(info, (account,), source, native, Part.NOTHING)
    return title and (title.shelf, title.record)


async def _group(
    info: Info, argument: str, name: str, account_id: str, native: str, group_id: str
) -> Node | None:
    place = await _inside(info, argument, name, account_id, native)
    if place is None:
        return None
    wanted = group_parts(Selection.below(info))
    found = await titles.groups(info.context, *place, wanted)
    same = (each for each in found or () if each.native_id == group_id)
    return next((TrophyGroup.of(each, *place, wanted) for each in same), None)


async def _achievement(
    info: Info, argument: str, name: str, account_id: str, native: str, achievement_id: str
) -> Node | None:
    if not native:
        return await _loose(info, argument, name, account_id, achievement_id)
    place = await _inside(info, argument, name, account_id, native)
    if place is None:
        return None
    wanted = achievement_parts(Selection.below(info), reveal=False)
    found = await titles.achievements(info.context, *place, wanted)
    chosen = titles.chosen(found or (), AchievementState.ALL, reveal=False)
    same = (each for each in chosen if each.native_id == achievement_id)
    return next((Achievement.of(each, *place) for each in same), None)


async def _loose(
    info: Info, argument: str, name: str, account_id: str, achievement_id: str
) -> Node | None:
    """One that belongs to no title; its definition as the viewer's own list tells it."""
    source = source_named(name, argument)
    loaders = info.context.loaders
    account = _checked(info, source, account_id or loaders.client(source).own_handle)
    progress = "progress" in Selection.below(info).fields
    answer = await loaders.achievements(source, account.handle, progress=progress)
    shelf = Shelf(source, account_id or None, account_id)
    found = answer.value if account_id else map(titles.bare, answer.value)
    same = (each for each in found if each.native_id == achievement_id)
    return next((Achievement.of(titles.masked(each), shelf, None) for each in same), None)


async def _award(info: Info, argument: str, name: str, account_id: str, native: str) -> Node | None:
    account = _checked(info, source_named(name, argument), account_id)
    found = await awards.award(info.context, account, native)
    return found and Award.of(found[1], found[0])


async def _campaign(
    info: Info, argument: str, name: str, account_id: str, native: str
) -> Node | None:
    account = _checked(info, source_named(name, argument), account_id)
    shelf = await campaigns.own_shelf(info.context, (account,))
    answer = await campaigns.listed(info.context, account.source, native)
    return answer and Campaign.of(answer, shelf)


async def _message_group(
    info: Info, argument: str, name: str, account_id: str, group_id: str
) -> Node | None:
    account = _checked(info, source_named(name, argument), account_id)
    return await message_group_of(info, account, group_id)


def _checked(info: Info, source: Source, handle: str) -> asked.Account:
    return info.context.named(source, handle)


FINDERS: dict[str, Callable[..., Awaitable[Node | None]]] = {
    "User": _user,
    "TrophyTitle": _title,
    "TrophyGroup": _group,
    "Achievement": _achievement,
    "Award": _award,
    "Campaign": _campaign,
    "PsnMessageGroup": _message_group,
    **{kind.__name__: _account(kind.__name__) for kind in KINDS.values()},
}
