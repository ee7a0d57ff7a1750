"""Expires cached title lists."""

from collections.abc import Mapping
from typing import Any

from providers.capabilities import TitlePageKey
from providers.psn.cache_policies import TITLES
from providers.psn.sandbox.constants import OWNER_ACCOUNT_ID
from providers.registry import Source

LIST_PAGE = 800


def expire_title_list(services: Mapping[Source, Any]) -> None:
    """Expire the owner's title list on PlayStation Network, and nothing below it."""
    cache = services[Source.TROPHY_SO].services.cache  # all sources share it
    scope = services[Source.PSN].get_operator_client().scope
    for account in (OWNER_ACCOUNT_ID, "me"):
        key: TitlePageKey | None = TitlePageKey(account)
        while key is not None:
            place = (account, str(key.offset), key.previous_page_digest)
            cached = cache.peek(TITLES, scope, place)
            cache.invalidate(TITLES, scope, place)
            key = key.advance(cached.value) if cached else None
