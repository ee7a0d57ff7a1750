"""People around an account: who is online, friends, played games, and finding somebody."""

from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from providers.capabilities import PageKey, SearchKey
from providers.errors import NotFound, ProviderError
from providers.kit.caching.cached import Answer
from providers.records import (
    FriendPage,
    Person,
    PersonPage,
    PsnPlayedGame,
    PsnPlayedGamePage,
    PsnPresence,
    Title,
)
from providers.registry import Source
from resolvers.context import Account, Context
from resolvers.pagination import Pages, Place, TooFar
from resolvers.status import Status, answered, failed

T = TypeVar("T")


@dataclass(frozen=True)
class Stretch(Generic[T]):
    """A page of one source's list: each row with its place, and what became of the source."""

    rows: list[tuple[int, T]] = field(default_factory=list[tuple[int, T]])
    has_next: bool = False
    total: int | None = None
    statuses: list[Status] = field(default_factory=list[Status])


async def presence(context: Context, account: Account) -> PsnPresence | None:
    """Whether an account is online; None where the source keeps it to itself."""
    try:
        return (await context.loaders.presence(account.source, account.handle)).value
    except NotFound:
        return None


async def friends(
    context: Context, account: Account, first: int, after: Place | None
) -> Stretch[str]:
    """The next friends' account ids."""

    async def ask(offset: int) -> Answer[FriendPage]:
        return await context.loaders.friends(account.source, PageKey(account.handle, offset))

    pages = Pages(ask, lambda page: page.account_ids, lambda page: page.next_offset, str)
    return await _stretch(account.source, pages, first, after)


async def played_games(
    context: Context, account: Account, first: int, after: Place | None
) -> Stretch[PsnPlayedGame]:
    """The next played games, last played first."""

    async def ask(offset: int) -> Answer[PsnPlayedGamePage]:
        return await context.loaders.played_games(account.source, PageKey(account.handle, offset))

    pages = Pages(
        ask, lambda page: page.games, lambda page: page.next_offset, lambda game: game.np_title_id
    )
    return await _stretch(account.source, pages, first, after)


async def titles_of_game(
    context: Context, account: Account, np_title_id: str
) -> tuple[Title, ...] | None:
    """The trophy sets of a played game, asked for together with those of the others."""
    key = (account.handle, np_title_id)
    try:
        return (await context.loaders.titles_of_product(account.source, key)).value
    except NotFound:
        return ()


async def search(
    context: Context, source: Source, term: str, first: int, after: Place | None
) -> Stretch[Person]:
    """Accounts by a part of their name, an exact name first."""

    async def ask(cursor: str) -> Answer[PersonPage]:
        return await context.loaders.search(source, SearchKey(term, cursor or None))

    pages = Pages(
        ask, lambda page: page.people, lambda page: page.next_cursor, lambda one: one.native_id
    )
    walked = await pages.walk("", first, after)
    return Stretch(walked.rows, walked.more, walked.total, [answered(source, walked.answers)])


async def _stretch(
    source: Source, pages: Pages[Any, T, int], first: int, after: Place | None
) -> Stretch[T]:
    """A stretch of a list that goes by offsets; without rows where its source fails."""
    try:
        walked = await pages.walk(0, first, after)
    except TooFar:
        raise
    except ProviderError as error:
        return Stretch(statuses=[failed(source, error)])
    return Stretch(walked.rows, walked.more, walked.total, [answered(source, walked.answers)])
