"""The GraphQL type of each source's accounts: a line for each source that has its own."""

from collections.abc import Mapping
from typing import Any, cast

from providers.records import Profile
from providers.registry import Source
from resolvers.context import AccountRef
from schema.account import Account, PlainAccount, list_profile_fields
from schema.psn_account import PsnAccount
from schema.retro_achievements_account import RetroAchievementsAccount
from schema.selection import Selection
from schema.steam_account import SteamAccount
from schema.trophy_so_account import TrophySoAccount
from schema.xbox_account import XboxAccount

ACCOUNT_TYPES: Mapping[Source, type[Account]] = {
    Source.PSN: PsnAccount,
    Source.RETRO_ACHIEVEMENTS: RetroAchievementsAccount,
    Source.TROPHY_SO: TrophySoAccount,
    Source.STEAM: SteamAccount,
    Source.XBOX: XboxAccount,
}
SOURCES_BY_ACCOUNT_TYPE: Mapping[type[Account], Source] = {
    account_type: source for source, account_type in ACCOUNT_TYPES.items()
}
ALL_ACCOUNT_TYPES: tuple[type[Account], ...] = (*ACCOUNT_TYPES.values(), PlainAccount)
# All fields that need an account's profile, such as `PsnAccount.isPlus`.
PROFILE_FIELDS: frozenset[str] = frozenset(
    f"{account_type.__name__}.{name}"
    for account_type in (Account, *ALL_ACCOUNT_TYPES)
    for name in list_profile_fields(account_type, full_profile=False)
)


def get_account_type(source: Source) -> type[Account]:
    """Return the type of a source's accounts; `PlainAccount` for one without its own."""
    return ACCOUNT_TYPES.get(source, PlainAccount)


def build_account(
    account_ref: AccountRef, selection: Selection | None = None, profile: Profile | None = None
) -> Account:
    """Build an account of its source's type.

    The selection decides whether its profile is loaded, and whether the full one is needed.
    """
    account_type = get_account_type(account_ref.source)
    fields = list_profile_fields(account_type, full_profile=False)
    full_fields = list_profile_fields(account_type, full_profile=True)
    return cast("Any", account_type)(
        account_ref=account_ref,
        profile=profile,
        needs_profile=selection is not None and selection.has_any(fields),
        needs_full_profile=selection is not None and selection.has_any(full_fields),
    )
