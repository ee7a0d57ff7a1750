"""Played games, as many at a time as the game list allows at present."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from providers.capabilities import PageKey
from providers.errors import BadResponse, ProviderError
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached
from providers.kit.upstream.decode import parse_time
from providers.psn import errors
from providers.psn.api import PsnApi
from providers.psn.cache_policies import GAME_LIST_LIMIT, PLAYED_GAMES
from providers.psn.identifiers import check_offset
from providers.psn.images import map_image
from providers.psn.people.accounts import Accounts
from providers.psn.people.played_game_models import GameRow, PlayedGamesResponse
from providers.psn.urls import SOURCE
from providers.psn_records import PsnPlayedGame, PsnPlayedGamePage

MAX_PAGE_SIZE = 200
MAX_ATTEMPTS = 3
CATEGORIES = "ps4_game,ps5_native_game,pspc_game,unknown"
OWNER_RULES = errors.ErrorRules(not_found_message="Nobody has this account.")
NUMBER_PATTERN = re.compile(r"(?<![0-9])[1-9][0-9]{0,5}(?![0-9])")
DURATION_PATTERN = re.compile(
    r"P(?:([0-9]{1,6})D)?(?:T(?:([0-9]{1,6})H)?(?:([0-9]{1,8})M)?(?:([0-9]{1,9})(?:\.[0-9]+)?S)?)?"
)
UNIT_SECONDS = (86_400, 3600, 60, 1)
INT_LIMIT = 2**31 - 1


class LimitTooHigh(ProviderError):
    """The service allows fewer rows than were asked for; the limit is learned already."""


@dataclass(frozen=True)
class PlayedGames:
    """What accounts played, as one viewer may see it."""

    api: PsnApi
    accounts: Accounts

    async def get_games(
        self, keys: Sequence[PageKey]
    ) -> list[Cached[PsnPlayedGamePage] | ProviderError]:
        """Pages of games, last played first."""
        return await gather_outcomes([self._get_page(key) for key in keys])

    async def _get_page(self, key: PageKey) -> Cached[PsnPlayedGamePage]:
        check_offset(key.offset)
        account = await self.accounts.resolve_path_id(key.handle)
        for _ in range(MAX_ATTEMPTS):
            try:
                return await self._get_with_limit(account, key.offset)
            except LimitTooHigh:
                continue
        raise BadResponse("The game list allows less and less.", source=SOURCE)

    async def _get_with_limit(self, account: str, offset: int) -> Cached[PsnPlayedGamePage]:
        allowed_limit = await self.api.get_cached(GAME_LIST_LIMIT)
        limit = MAX_PAGE_SIZE if allowed_limit is None else allowed_limit.value
        load = partial(self._load, account, offset, limit)
        key = (account, str(offset), str(limit))
        return await self.api.get_or_load(PLAYED_GAMES, key, load)

    async def _load(self, account: str, offset: int, limit: int) -> PsnPlayedGamePage:
        url = f"{self.api.urls.mobile}/api/gamelist/v2/users/{account}/titles"
        params = {"categories": CATEGORIES, "limit": str(limit), "offset": str(offset)}
        reply = await self.api.get_unchecked(url, params)
        if reply.status == errors.BAD_REQUEST:
            await self._store_allowed_limit(errors.read_error_message(reply), limit)
        errors.check(reply, OWNER_RULES, is_caller=self.api.is_caller)
        return _map_page(reply.decode(PlayedGamesResponse), offset)

    async def _store_allowed_limit(self, message: str, limit: int) -> None:
        """The refusal names the limit that was asked for and the one that is allowed."""
        numbers = [int(number) for number in NUMBER_PATTERN.findall(message)]
        smaller = [number for number in numbers if number < limit]
        if limit in numbers and smaller:
            await self.api.set_cached(GAME_LIST_LIMIT, max(smaller))
            raise LimitTooHigh("The game list allows fewer games at once.", source=SOURCE)


def parse_duration(duration: str | None) -> int | None:
    """An ISO duration, whose hours may go beyond a day; unknown when it cannot be read."""
    match = DURATION_PATTERN.fullmatch(duration or "")
    if match is None or not any(match.groups()):
        return None
    parts = zip(match.groups(), UNIT_SECONDS, strict=True)
    total = sum(int(amount or 0) * unit for amount, unit in parts)
    return total if total <= INT_LIMIT else None


def _map_page(response: PlayedGamesResponse, offset: int) -> PsnPlayedGamePage:
    next_offset = response.next_offset
    return PsnPlayedGamePage(
        games=tuple(_map_game(row) for row in response.games),
        total=response.total,
        next_offset=next_offset if next_offset is not None and next_offset > offset else None,
    )


def _map_game(row: GameRow) -> PsnPlayedGame:
    concept = row.concept.native_id if row.concept else None
    return PsnPlayedGame(
        np_title_id=row.np_title_id,
        concept_id=None if concept in (None, "") else str(concept),
        name=row.local_name or row.name or None,
        image=map_image(row.local_image) or map_image(row.image),
        category=row.category or None,
        play_count=row.play_count,
        play_duration_seconds=parse_duration(row.duration),
        first_played_at=parse_time(row.first_played),
        last_played_at=parse_time(row.last_played),
    )
