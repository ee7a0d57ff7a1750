"""Finding things again by their ids."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import strawberry
from resolvers.arguments import AchievementState

from providers.errors import BadInput, NotFound
from providers.records import Part, Title
from providers.registry import Source
from resolvers import award as awards
from resolvers import campaign as campaigns
from resolvers import context as asked
from resolvers import title as titles
from resolvers import user as users
from resolvers.context import Owner
from schema.account import ACCOUNT_TYPES, build_account
from schema.award import Award
from schema.campaign import Campaign
from schema.global_id import decode, invalid_id, parse_source
from schema.message import get_message_group as message_group_of
from schema.node import MAX_NODES, Info, Node
from schema.selection import Selection
from schema.title import Achievement, TrophyGroup, get_title_definition
from schema.title_parts import get_achievement_parts, get_group_parts, get_title_parts
from schema.user import User, find_user_title


async def find_node(info: Info, node_id: str, argument: str) -> Node | None:
    """The thing of that id; `BadInput` for an id this server never gave."""
    type_name, *parts = decode(node_id, argument) or ("",)
    finder = FINDERS.get(type_name) if isinstance(type_name, str) else None
    if finder is None or not all(isinstance(part, str) for part in parts):
        raise invalid_id(argument)
    try:
        pending = finder(info, argument, *parts)
    except TypeError:  # too few parts, or too many
        raise invalid_id(argument) from None
    try:
        return await pending
    except BadInput:  # a handle or a title's id that cannot be right came out of the id
        raise invalid_id(argument) from None
    except NotFound:
        return None


async def find_nodes(info: Info, ids: list[strawberry.ID]) -> list[Any]:
    """The things of those ids; one that fails fails alone."""
    if len(ids) > MAX_NODES:
        raise BadInput(f"ids: up to {MAX_NODES}.", argument="ids")
    return await asyncio.gather(
        *(find_node(info, each, "ids") for each in ids), return_exceptions=True
    )


async def find_entity(info: Info, entity_type: type[Node], keys: dict[str, Any]) -> Node | None:
    """The entity of a type by one of its keys: its id, or an account by its own name."""
    node_id = keys.get("id")
    if isinstance(node_id, str):
        found = await find_node(info, node_id, "representations")
        if found is None or isinstance(found, entity_type):
            return found
    source = next((each for each, account in ACCOUNT_TYPES.items() if account is entity_type), None)
    handle = keys.get("accountId" if source is Source.PSN else "handle")
    if source is not None and isinstance(handle, str):
        return build_account(_validate_account(info, source, handle), Selection.from_info(info))
    message = "representations: each needs a key of its type."
    raise BadInput(message, argument="representations")


async def _find_user(info: Info, argument: str, *parts: str) -> Node | None:
    if not parts or len(parts) % 2:
        raise invalid_id(argument)
    pairs = zip(parts[::2], parts[1::2], strict=True)
    account_refs = [
        asked.AccountRef(parse_source(name, argument), handle) for name, handle in pairs
    ]
    return User(account_refs=users.validate_accounts(info.context, account_refs))


def _make_account_finder(type_name: str) -> Callable[..., Awaitable[Node | None]]:
    async def find(info: Info, argument: str, name: str, handle: str) -> Node | None:
        source = parse_source(name, argument)
        if ACCOUNT_TYPES[source].__name__ != type_name:
            raise invalid_id(argument)
        account = _validate_account(info, source, handle)
        return build_account(account, Selection.from_info(info))

    return find


async def _find_title(info: Info, argument: str, name: str, account_id: str, native_id: str) -> Any:
    source = parse_source(name, argument)
    info.context.loaders.check_title(source, native_id)
    if not account_id:
        return await get_title_definition(info, source, native_id)
    account = _validate_account(info, source, account_id)
    parts = get_title_parts(Selection.from_info(info))
    return await find_user_title(info, (account,), source, native_id, parts)


async def _find_parent_title(
    info: Info, argument: str, name: str, account_id: str, native_id: str
) -> tuple[Owner, Title] | None:
    """Whose title something is in, and which; a bare one is believed without a question."""
    source = parse_source(name, argument)
    info.context.loaders.check_title(source, native_id)
    if not account_id:
        return Owner(source), Title(native_id=native_id)
    account = _validate_account(info, source, account_id)
    title = await find_user_title(info, (account,), source, native_id, Part.NONE)
    return title and (title.owner, title.request_title)


async def _find_group(
    info: Info, argument: str, name: str, account_id: str, native_id: str, group_id: str
) -> Node | None:
    owner_and_title = await _find_parent_title(info, argument, name, account_id, native_id)
    if owner_and_title is None:
        return None
    parts = get_group_parts(Selection.from_info(info))
    found = await titles.get_groups(info.context, *owner_and_title, parts)
    matches = (each for each in found or () if each.native_id == group_id)
    return next((TrophyGroup.from_record(each, *owner_and_title, parts) for each in matches), None)


async def _find_achievement(
    info: Info, argument: str, name: str, account_id: str, title_id: str, achievement_id: str
) -> Node | None:
    if not title_id:
        return await _find_untitled_achievement(info, argument, name, account_id, achievement_id)
    owner_and_title = await _find_parent_title(info, argument, name, account_id, title_id)
    if owner_and_title is None:
        return None
    parts = get_achievement_parts(Selection.from_info(info), reveal=False)
    found = await titles.get_achievements(info.context, *owner_and_title, parts)
    masked = titles.filter_by_state(found or (), AchievementState.ALL, reveal=False)
    matches = (each for each in masked if each.native_id == achievement_id)
    return next((Achievement.from_record(each, *owner_and_title) for each in matches), None)


async def _find_untitled_achievement(
    info: Info, argument: str, name: str, account_id: str, achievement_id: str
) -> Node | None:
    """One that belongs to no title; its definition as the viewer's own list tells it."""
    source = parse_source(name, argument)
    loaders = info.context.loaders
    account = _validate_account(info, source, account_id or loaders.get_client(source).own_handle)
    progress = "progress" in Selection.from_info(info).fields
    answer = await loaders.load_achievements(source, account.handle, progress=progress)
    owner = Owner(source, account_id or None, account_id)
    found = answer.value if account_id else map(titles.without_player, answer.value)
    matches = (each for each in found if each.native_id == achievement_id)
    return next(
        (Achievement.from_record(titles.mask_hidden(each), owner, None) for each in matches), None
    )


async def _find_award(
    info: Info, argument: str, name: str, account_id: str, native_id: str
) -> Node | None:
    account = _validate_account(info, parse_source(name, argument), account_id)
    found = await awards.get_award(info.context, account, native_id)
    return found and Award.from_record(found[1], found[0])


async def _find_campaign(
    info: Info, argument: str, name: str, account_id: str, native_id: str
) -> Node | None:
    account = _validate_account(info, parse_source(name, argument), account_id)
    owner = await campaigns.require_campaign_owner(info.context, (account,))
    answer = await campaigns.get_listed_campaign(info.context, account.source, native_id)
    return answer and Campaign.from_cached(answer, owner)


async def _find_message_group(
    info: Info, argument: str, name: str, account_id: str, group_id: str
) -> Node | None:
    account = _validate_account(info, parse_source(name, argument), account_id)
    return await message_group_of(info, account, group_id)


def _validate_account(info: Info, source: Source, handle: str) -> asked.AccountRef:
    return info.context.validate_account(source, handle)


FINDERS: dict[str, Callable[..., Awaitable[Node | None]]] = {
    "User": _find_user,
    "TrophyTitle": _find_title,
    "TrophyGroup": _find_group,
    "Achievement": _find_achievement,
    "Award": _find_award,
    "Campaign": _find_campaign,
    "PsnMessageGroup": _find_message_group,
    **{kind.__name__: _make_account_finder(kind.__name__) for kind in ACCOUNT_TYPES.values()},
}
