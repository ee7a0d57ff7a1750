"""Finds objects by their ids."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import strawberry

from providers.errors import BadInput, NotFound
from providers.records import Part, Title
from providers.registry import Source
from resolvers.arguments import AchievementState
from resolvers.award import get_award
from resolvers.campaign import get_listed_campaign, require_campaign_owner
from resolvers.context import AccountRef, Owner
from resolvers.title import (
    filter_by_state,
    get_achievements,
    get_groups,
    mask_hidden,
    without_player,
)
from resolvers.user import validate_accounts
from schema.account import Account
from schema.account_types import (
    ALL_ACCOUNT_TYPES,
    SOURCES_BY_ACCOUNT_TYPE,
    build_account,
    get_account_type,
)
from schema.award import Award
from schema.campaign import Campaign
from schema.global_id import decode, invalid_id, parse_source
from schema.message import find_message_group
from schema.node import MAX_NODES, Info, Node
from schema.selection import Selection
from schema.title import Achievement, TrophyGroup, get_title_definition
from schema.title_parts import get_achievement_parts, get_group_parts, get_title_parts
from schema.user import User, find_user_title

Finder = Callable[..., Awaitable[Node | None]]


class AccountUnknown(NotFound):
    """The id names an account by what may mean somebody else by now."""


async def find_node(info: Info, node_id: str, argument: str) -> Node | None:
    """Return the object with an id, or None.

    Raises `BadInput` for an id not issued here, and `AccountUnknown` for one made from a name
    that may have changed hands.
    """
    type_name, *parts = decode(node_id, argument) or ("",)
    finder = FINDERS.get(type_name) if isinstance(type_name, str) else None
    if finder is None or not all(isinstance(part, str) for part in parts):
        raise invalid_id(argument)
    try:
        pending = finder(info, argument, *parts)
    except TypeError:  # the id has too few or too many parts
        raise invalid_id(argument) from None
    try:
        return await pending
    except BadInput:  # of a handle or a native id in the id
        raise invalid_id(argument) from None
    except AccountUnknown:
        raise
    except NotFound:
        return None


async def find_nodes(info: Info, ids: list[strawberry.ID]) -> list[Any]:
    """Return the objects with these ids; each can fail alone."""
    if len(ids) > MAX_NODES:
        raise BadInput(f"ids: must have at most {MAX_NODES} ids.", argument="ids")
    return await asyncio.gather(
        *(find_node(info, each, "ids") for each in ids), return_exceptions=True
    )


async def find_entity(info: Info, entity_type: type[Node], keys: dict[str, Any]) -> Node | None:
    """Return the entity of a type by one of its keys: its id, or an account's own key."""
    node_id = keys.get("id")
    if isinstance(node_id, str):
        found = await find_node(info, node_id, "representations")
        if found is None or isinstance(found, entity_type):
            return found
    if issubclass(entity_type, Account) and entity_type in SOURCES_BY_ACCOUNT_TYPE:
        handle = keys.get(entity_type.handle_key)
        if isinstance(handle, str):
            return _build_account(info, SOURCES_BY_ACCOUNT_TYPE[entity_type], handle)
    message = "representations: each item must have a key of its type."
    raise BadInput(message, argument="representations")


async def _find_user(info: Info, argument: str, *parts: str) -> Node | None:
    if not parts or len(parts) % 2:
        raise invalid_id(argument)
    pairs = zip(parts[::2], parts[1::2], strict=True)
    account_refs = [AccountRef(parse_source(name, argument), handle) for name, handle in pairs]
    accounts = validate_accounts(info.context, account_refs)
    for each in accounts:
        _check_lasting(info, argument, each)
    return User(account_refs=accounts)


def _make_account_finder(account_type: type[Account]) -> Finder:
    async def find(info: Info, argument: str, name: str, handle: str) -> Node | None:
        source = parse_source(name, argument)
        if get_account_type(source) is not account_type:
            raise invalid_id(argument)
        _validate_account(info, argument, source, handle)
        return _build_account(info, source, handle)

    return find


def _validate_account(info: Info, argument: str, source: Source, account_id: str) -> AccountRef:
    """Return the account that an id contains."""
    account = info.context.validate_account(source, account_id)
    _check_lasting(info, argument, account)
    return account


def _check_lasting(info: Info, argument: str, account: AccountRef) -> None:
    # Ids were made from names in earlier versions, and are while the account id is not available.
    if not info.context.loaders.is_lasting_handle(account.source, account.handle):
        message = (
            f"{argument}: was made from a name, which may belong to somebody else now; "
            "request the object by its account again."
        )
        raise AccountUnknown(message, source=account.source.name)


def _build_account(info: Info, source: Source, handle: str) -> Account:
    account_ref = info.context.validate_account(source, handle)
    return build_account(account_ref, Selection.from_info(info))


async def _find_title(info: Info, argument: str, name: str, account_id: str, native_id: str) -> Any:
    source = parse_source(name, argument)
    info.context.loaders.check_title(source, native_id)
    if not account_id:
        return await get_title_definition(info, source, native_id)
    account = _validate_account(info, argument, source, account_id)
    parts = get_title_parts(Selection.from_info(info))
    return await find_user_title(info, (account,), source, native_id, parts)


async def _find_parent_title(
    info: Info, argument: str, name: str, account_id: str, native_id: str
) -> tuple[Owner, Title] | None:
    """Return the owner and title that an id contains; a definition is not looked up."""
    source = parse_source(name, argument)
    info.context.loaders.check_title(source, native_id)
    if not account_id:
        return Owner(source), Title(native_id=native_id)
    account = _validate_account(info, argument, source, account_id)
    title = await find_user_title(info, (account,), source, native_id, Part.NONE)
    return title and (title.owner, title.request_title)


async def _find_group(
    info: Info, argument: str, name: str, account_id: str, native_id: str, group_id: str
) -> Node | None:
    owner_and_title = await _find_parent_title(info, argument, name, account_id, native_id)
    if owner_and_title is None:
        return None
    parts = get_group_parts(Selection.from_info(info))
    found = await get_groups(info.context, *owner_and_title, parts)
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
    found = await get_achievements(info.context, *owner_and_title, parts)
    masked = filter_by_state(found or (), AchievementState.ALL, reveal=False)
    matches = (each for each in masked if each.native_id == achievement_id)
    return next((Achievement.from_record(each, *owner_and_title) for each in matches), None)


async def _find_untitled_achievement(
    info: Info, argument: str, name: str, account_id: str, achievement_id: str
) -> Node | None:
    """Return an achievement without a title; a definition is that of the viewer's own list."""
    source = parse_source(name, argument)
    loaders = info.context.loaders
    handle = account_id or loaders.get_client(source).own_handle
    account = info.context.validate_account(source, handle)
    if account_id:
        _check_lasting(info, argument, account)
    progress = "progress" in Selection.from_info(info).fields
    answer = await loaders.load_achievements(source, account.handle, progress=progress)
    owner = Owner(source, account_id or None, account_id)
    found = answer.value if account_id else map(without_player, answer.value)
    matches = (each for each in found if each.native_id == achievement_id)
    return next((Achievement.from_record(mask_hidden(each), owner, None) for each in matches), None)


async def _find_award(
    info: Info, argument: str, name: str, account_id: str, native_id: str
) -> Node | None:
    account = _validate_account(info, argument, parse_source(name, argument), account_id)
    found = await get_award(info.context, account, native_id)
    return found and Award.from_record(found[1], found[0])


async def _find_campaign(
    info: Info, argument: str, name: str, account_id: str, native_id: str
) -> Node | None:
    account = _validate_account(info, argument, parse_source(name, argument), account_id)
    owner = await require_campaign_owner(info.context, (account,))
    answer = await get_listed_campaign(info.context, account.source, native_id)
    return answer and Campaign.from_cached(answer, owner)


async def _find_message_group(
    info: Info, argument: str, name: str, account_id: str, group_id: str
) -> Node | None:
    # Every caller may ask, but only members find a group, which is the same for all of them.
    account = info.context.validate_account(parse_source(name, argument), account_id)
    return await find_message_group(info, account, group_id)


# By the type's name, which is the first part of an id; the other parts are the finder's arguments.
FINDERS: dict[str, Finder] = {
    "User": _find_user,
    "TrophyTitle": _find_title,
    "TrophyGroup": _find_group,
    "Achievement": _find_achievement,
    "Award": _find_award,
    "Campaign": _find_campaign,
    "PsnMessageGroup": _find_message_group,
    **{each.__name__: _make_account_finder(each) for each in ALL_ACCOUNT_TYPES},
}
