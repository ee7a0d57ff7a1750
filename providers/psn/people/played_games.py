"""Loads lists of played games, with the page size that the game list allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from providers.capabilities import PageKey
from providers.errors import ProviderError
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached, replace_value
from providers.kit.request_context import bypass_cache
from providers.psn import errors
from providers.psn.cache_policies import PLAYED_GAMES
from providers.psn.cached_api import CachedApi
from providers.psn.identifiers import check_offset
from providers.psn.learned_limits import PLAYED_GAME_PAGE_SIZE
from providers.psn.paging import OffsetList
from providers.psn.people.accounts import Accounts
from providers.psn.people.models import PlayedGamesResponse
from providers.psn.people.played_game_mapping import map_page
from providers.psn_records import PsnPlayedGamePage
from providers.records import PlayedTitle, PlayedTitlePage

CATEGORIES = {"categories": "ps4_game,ps5_native_game,pspc_game,unknown"}
OWNER_RULES = errors.ErrorRules(not_found_message=errors.ACCOUNT_NOT_FOUND_MESSAGE)


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

    async def get_played_titles(
        self, keys: Sequence[PageKey]
    ) -> list[Cached[PlayedTitlePage] | ProviderError]:
        """Return pages of the builds of games, which need not have trophies."""
        return [
            each
            if isinstance(each, ProviderError)
            else replace_value(each, _map_titles(each.value))
            for each in await self.get_played_games(keys)
        ]

    async def _get_page(self, key: PageKey) -> Cached[PsnPlayedGamePage]:
        check_offset(key.offset)
        account = await self.accounts.resolve_path_id(key.handle)
        load = partial(self._load, account, key.offset)
        with bypass_cache(enabled=key.bypass_cache):
            return await self.cached_api.get_or_load(PLAYED_GAMES, (account, str(key.offset)), load)

    async def _load(self, account: str, offset: int) -> PsnPlayedGamePage:
        url = f"{self.cached_api.api.urls.mobile}/api/gamelist/v2/users/{account}/titles"
        games = OffsetList(
            PLAYED_GAME_PAGE_SIZE, url, OWNER_RULES, PlayedGamesResponse, "titles", CATEGORIES
        )
        return map_page(await games.load_page(self.cached_api, offset))


def _map_titles(page: PsnPlayedGamePage) -> PlayedTitlePage:
    titles = tuple(
        PlayedTitle(
            product_id=game.np_title_id,
            last_played_at=game.last_played_at,
            play_duration_seconds=game.play_duration_seconds,
        )
        for game in page.games
    )
    return PlayedTitlePage(
        titles=titles, next_offset=page.next_offset, unread_count=page.unread_count
    )
