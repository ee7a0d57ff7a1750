"""Loads lists of played games, with the page size that the game list allows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from providers.capabilities import PageKey
from providers.errors import BadResponse, ProviderError
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached
from providers.kit.request_context import bypass_cache
from providers.psn import errors
from providers.psn.cache_policies import GAME_LIST_LIMIT, PLAYED_GAMES
from providers.psn.cached_api import CachedApi
from providers.psn.identifiers import check_offset
from providers.psn.people.accounts import Accounts
from providers.psn.people.models import PlayedGamesResponse
from providers.psn.people.played_game_mapping import map_page
from providers.psn.urls import SOURCE
from providers.psn_records import PsnPlayedGamePage

MAX_PAGE_SIZE = 200
MAX_ATTEMPTS = 3
CATEGORIES = "ps4_game,ps5_native_game,pspc_game,unknown"
OWNER_RULES = errors.ErrorRules(not_found_message=errors.ACCOUNT_NOT_FOUND_MESSAGE)
NUMBER_PATTERN = re.compile(r"(?<![0-9])[1-9][0-9]{0,5}(?![0-9])")


class LimitTooHigh(ProviderError):
    """The service allows fewer rows than were requested; the new limit is cached already."""


@dataclass(frozen=True)
class PlayedGames:
    """Played games of accounts, as far as the viewer may see them."""

    cached_api: CachedApi
    accounts: Accounts

    async def get_played_games(
        self, keys: Sequence[PageKey]
    ) -> list[Cached[PsnPlayedGamePage] | ProviderError]:
        """Return pages of games, last played first."""
        return await gather_outcomes([self._get_page(key) for key in keys])

    async def _get_page(self, key: PageKey) -> Cached[PsnPlayedGamePage]:
        check_offset(key.offset)
        account = await self.accounts.resolve_path_id(key.handle)
        for _ in range(MAX_ATTEMPTS):
            try:
                with bypass_cache(enabled=key.bypass_cache):
                    return await self._get_with_limit(account, key.offset)
            except LimitTooHigh:
                continue
        message = "PSN's game list lowers its page limit with every request."
        raise BadResponse(message, source=SOURCE)

    async def _get_with_limit(self, account: str, offset: int) -> Cached[PsnPlayedGamePage]:
        allowed_limit = await self.cached_api.get_cached(GAME_LIST_LIMIT)
        limit = MAX_PAGE_SIZE if allowed_limit is None else allowed_limit.value
        load = partial(self._load, account, offset, limit)
        key = (account, str(offset), str(limit))
        return await self.cached_api.get_or_load(PLAYED_GAMES, key, load)

    async def _load(self, account: str, offset: int, limit: int) -> PsnPlayedGamePage:
        api = self.cached_api.api
        url = f"{api.urls.mobile}/api/gamelist/v2/users/{account}/titles"
        params = {"categories": CATEGORIES, "limit": str(limit), "offset": str(offset)}
        reply = await api.get_unchecked(url, params)
        if reply.status == errors.BAD_REQUEST:
            await self._check_limit(errors.read_error_message(reply), limit)
        api.check(reply, OWNER_RULES)
        return map_page(reply.decode(PlayedGamesResponse), offset)

    async def _check_limit(self, message: str, limit: int) -> None:
        """Cache the limit that an error names and raise `LimitTooHigh`; else return.

        PSN does not document the limit; its error names the requested limit and the allowed one.
        """
        numbers = [int(number) for number in NUMBER_PATTERN.findall(message)]
        smaller = [number for number in numbers if number < limit]
        if limit in numbers and smaller:
            await self.cached_api.set_cached(GAME_LIST_LIMIT, max(smaller))
            raise LimitTooHigh("PSN's game list allows fewer games per page.", source=SOURCE)
