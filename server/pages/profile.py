"""The public profiles, as `TROPHYCASE_PROFILES` lists them, and the names of accounts in URLs."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from providers.capabilities import Service
from providers.errors import BadInput
from providers.kit.text import CONTROL_CHARACTERS
from providers.registry import Source
from resolvers.context import AccountRef
from resolvers.loaders import ME

# What an account's source is called in a profile, and in the query of the page.
SOURCES_BY_PARAMETER: Mapping[str, Source] = {
    "psn": Source.PSN,
    "ra": Source.RETRO_ACHIEVEMENTS,
    "trophy": Source.TROPHY_SO,
    "steam": Source.STEAM,
    "xbox": Source.XBOX,
}
FORMAT = "must be name=psn:NAME+ra:NAME, with the sources " + ", ".join(SOURCES_BY_PARAMETER)
MAX_PROFILES = 1_000
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class Profile:
    """Accounts that everyone may see under a name."""

    name: str
    accounts: tuple[AccountRef, ...]


def parse_profiles(text: str) -> tuple[Profile, ...]:
    """Parse `name=psn:x+ra:y` entries, separated by commas or line breaks.

    In a handle, `%2B` is a plus sign and `%2C` a comma. Raise `ValueError` for a malformed entry,
    and for a name that occurs twice.
    """
    entries = (entry.strip() for entry in re.split(r"[,\r\n]", text))
    profiles = tuple(_parse_profile(entry) for entry in entries if entry)
    if len({each.name.lower() for each in profiles}) != len(profiles):
        raise ValueError("must not have the same name twice")
    if len(profiles) > MAX_PROFILES:
        raise ValueError(f"must have at most {MAX_PROFILES:,} profiles")
    return profiles


def find_profile(profiles: Iterable[Profile], name: str) -> Profile | None:
    """Return the profile of a name, in whatever case; None if there is none."""
    return next((each for each in profiles if each.name.lower() == name.lower()), None)


def check_profiles(profiles: Iterable[Profile], services: Mapping[Source, Service]) -> None:
    """Raise `ValueError` for a handle that no account can have, by the sources in use."""
    for profile in profiles:
        for account in profile.accounts:
            client = services[account.source].get_operator_client()
            try:
                if client is not None:
                    client.check_handle(account.handle)
            except BadInput as error:
                raise ValueError(f"{profile.name}: {error.message}") from None


def _parse_profile(entry: str) -> Profile:
    name, separator, rest = entry.partition("=")
    name = name.strip()
    if not separator or NAME.fullmatch(name) is None:
        raise ValueError(f"{FORMAT}; a name has up to 64 letters, digits, _ and -")
    accounts = tuple(_parse_account(name, part) for part in rest.split("+"))
    if len({each.source for each in accounts}) != len(accounts):
        raise ValueError(f"{name}: must have at most one account on each source")
    return Profile(name, accounts)


def _parse_account(name: str, text: str) -> AccountRef:
    parameter, _, quoted = text.partition(":")
    source, handle = SOURCES_BY_PARAMETER.get(parameter.strip().lower()), unquote(quoted).strip()
    if source is None or not handle or CONTROL_CHARACTERS.search(handle):
        raise ValueError(f"{name}: {FORMAT}")
    if handle.lower() == ME:
        raise ValueError(f"{name}: must name the account; `me` is not the same for everyone")
    return AccountRef(source, handle)
