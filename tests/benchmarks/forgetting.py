"""Letting the life of a title list be over."""

from collections.abc import Mapping
from typing import Any

from providers.psn.lifetimes import TITLES
from providers.psn.sandbox.world import OWNER_ACCOUNT_ID
from providers.registry import Source

LIST_PAGE = 800


def forget_list(services: Mapping[Source, Any]) -> None:
    """Forget the owner's title list on PlayStation Network, and nothing below it."""
    cache = services[Source.TROPHY_SO].kit.cache  # every source has the same
    scope = services[Source.PSN].operator().scope
    for account in (OWNER_ACCOUNT_ID, "me"):
        for offset in ("0", str(LIST_PAGE)):
            cache.forget(TITLES, scope, (account, offset))
