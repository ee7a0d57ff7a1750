"""Played games, as many at a time as the game list allows at present."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from providers.capabilities import PageKey
from providers.errors import BadResponse, ProviderError
from providers.kit.caching.cache import gather
from providers.kit.caching.cached import Answer
from providers.kit.upstream.decode import instant
from providers.psn import errors
from providers.psn.api import Connection
from providers.psn.cache_policies import GAME_LIST_LIMIT, PLAYED_GAMES
from providers.psn.identifiers import check_offset
from providers.psn.images import image
from providers.psn.people.accounts import Accounts
from providers.psn.people.played_game_models import GameRow, Games
from providers.psn.urls import SOURCE
from providers.records import PsnPlayedGame, PsnPlayedGamePage

LIMIT = 200
TRIES = 3
CATEGORIES = "ps4_game,ps5_native_game,pspc_game,unknown"
OWNER = errors.Refusals(missing="Nobody has this account.")
NUMBER = re.compile(r"(?<![0-9])[1-9][0-9]{0,5}(?![0-9])")
DURATION = re.compile(
    r"P(?:([0-9]{1,6})D)?(?:T(?:([0-9]{1,6})H)?(?:([0-9]{1,8})M)?(?:([0-9]{1,9})(?:\.[0-9]+)?S)?)?"
)
UNITS = (86_400, 3600, 60, 1)
LARGEST = 2**31 - 1


class LimitTooHigh(ProviderError):
    """The service allows fewer rows than were asked for; the limit is learned already."""


@dataclass(frozen=True)
class PlayedGames:
    """What accounts played, as one viewer may see it."""

    connection: Connection
    accounts: Accounts

    async def games(
        self, keys: Sequence[PageKey]
    ) -> list[Answer[PsnPlayedGamePage] | ProviderError]:
        """Pages of games, last played first."""
        return await gather([self._page(key) for key in keys])

    async def _page(self, key: PageKey) -> Answer[PsnPlayedGamePage]:
        check_offset(key.offset)
        account = await self.accounts.path(key.handle)
        for _ in range(TRIES):
            try:
                return await self._remembered(account, key.offset)
            except LimitTooHigh:
                continue
        raise BadResponse("The game list allows less and less.", source=SOURCE)

    async def _remembered(self, account: str, offset: int) -> Answer[PsnPlayedGamePage]:
        learned = await self.connection.recall(GAME_LIST_LIMIT)
        limit = LIMIT if learned is None else learned.value
        load = partial(self._load, account, offset, limit)
        key = (account, str(offset), str(limit))
        return await self.connection.remember(PLAYED_GAMES, key, load)

    async def _load(self, account: str, offset: int, limit: int) -> PsnPlayedGamePage:
        url = f"{self.connection.hosts.mobile}/api/gamelist/v2/users/{account}/titles"
        params = {"categories": CATEGORIES, "limit": str(limit), "offset": str(offset)}
        reply = await self.connection.ask(url, params)
        if reply.status == errors.BAD_REQUEST:
            await self._learn(errors.told(reply), limit)
        errors.check(reply, OWNER, caller=self.connection.caller)
        return _read(reply.decode(Games), offset)

    async def _learn(self, told: str, limit: int) -> None:
        """The refusal names the limit that was asked for and the one that is allowed."""
        numbers = [int(number) for number in NUMBER.findall(told)]
        smaller = [number for number in numbers if number < limit]
        if limit in numbers and smaller:
            await self.connection.keep(GAME_LIST_LIMIT, max(smaller))
            raise LimitTooHigh("The game list allows fewer games at once.", source=SOURCE)


def seconds(duration: str | None) -> int | None:
    """An ISO duration, whose hours may go beyond a day; unknown when it cannot be read."""
    match = DURATION.fullmatch(duration or "")
    if match is None or not any(match.groups()):
        return None
    parts = zip(match.groups(), UNITS, strict=True)
    whole = sum(int(amount or 0) * unit for amount, unit in parts)
    return whole if whole <= LARGEST else None


def _read(answer: Games, offset: int) -> PsnPlayedGamePage:
    following = answer.next_offset
    return PsnPlayedGamePage(
        games=tuple(_game(row) for row in answer.games),
        total=answer.total,
        next_offset=following if following is not None and following > offset else None,
    )


def _game(row: GameRow) -> PsnPlayedGame:
    concept = row.concept.native_id if row.concept else None
    return PsnPlayedGame(
        np_title_id=row.np_title_id,
        concept_id=None if concept in (None, "") else str(concept),
        name=row.local_name or row.name or None,
        image=image(row.local_image) or image(row.image),
        category=row.category or None,
        play_count=row.play_count,
        play_duration_seconds=seconds(row.duration),
        first_played_at=instant(row.first_played),
        last_played_at=instant(row.last_played),
    )
