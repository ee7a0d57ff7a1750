"""People around an account: who is online, friends, played games, and finding somebody."""

from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from providers.psn_records import PsnPlayedGame, PsnPlayedGamePage, PsnPresence

from providers.capabilities import PageKey, SearchKey
from providers.errors import NotFound, ProviderError
from providers.kit.caching.cached import Cached
from providers.records import FriendPage, Profile, ProfilePage, Title
from providers.registry import Source
from resolvers.context import AccountRef, ResolverContext
from resolvers.pagination import CursorTooDeep, Paginator, RowPosition
from resolvers.status import Status, make_error_status, make_status

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """A page of one source's list: each row with its place, and what became of the source."""

    rows: list[tuple[int, T]] = field(default_factory=list[tuple[int, T]])
    has_next: bool = False
    total: int | None = None
    statuses: list[Status] = field(default_factory=list[Status])


async def get_presence(context: ResolverContext, account: AccountRef) -> PsnPresence | None:
    """Whether an account is online; None where the source keeps it to itself."""
    try:
        return (await context.loaders.load_presence(account.source, account.handle)).value
    except NotFound:
        return None


async def get_friends(
    context: ResolverContext, account: AccountRef, first: int, after: RowPosition | None
) -> Page[str]:
    """The next friends' account ids."""

    async def ask(offset: int) -> Cached[FriendPage]:
        return await context.loaders.load_friends(account.source, PageKey(account.handle, offset))

    paginator = Paginator(ask, lambda page: page.account_ids, lambda page: page.next_offset, str)
    return await _read_page(account.source, paginator, first, after)


async def get_played_games(
    context: ResolverContext, account: AccountRef, first: int, after: RowPosition | None
) -> Page[PsnPlayedGame]:
    """The next played games, last played first."""

    async def ask(offset: int) -> Cached[PsnPlayedGamePage]:
        return await context.loaders.load_played_games(
            account.source, PageKey(account.handle, offset)
        )

    paginator = Paginator(
        ask, lambda page: page.games, lambda page: page.next_offset, lambda game: game.np_title_id
    )
    return await _read_page(account.source, paginator, first, after)


async def get_game_titles(
    context: ResolverContext, account: AccountRef, np_title_id: str
) -> tuple[Title, ...] | None:
    """The trophy sets of a played game, asked for together with those of the others."""
    key = (account.handle, np_title_id)
    try:
        return (await context.loaders.load_product_titles(account.source, key)).value
    except NotFound:
        return ()


async def search_accounts(
    context: ResolverContext, source: Source, term: str, first: int, after: RowPosition | None
) -> Page[Profile]:
    """Accounts by a part of their name, an exact name first."""

    async def ask(cursor: str) -> Cached[ProfilePage]:
        return await context.loaders.load_search_page(source, SearchKey(term, cursor or None))

    paginator = Paginator(
        ask, lambda page: page.profiles, lambda page: page.next_cursor, lambda one: one.native_id
    )
    page_slice = await paginator.read_slice("", first, after)
    return Page(
        page_slice.rows,
        page_slice.has_next,
        page_slice.total,
        [make_status(source, page_slice.answers)],
    )


async def _read_page(
    source: Source, paginator: Paginator[Any, T, int], first: int, after: RowPosition | None
) -> Page[T]:
    """A stretch of a list that goes by offsets; without rows where its source fails."""
    try:
        page_slice = await paginator.read_slice(0, first, after)
    except CursorTooDeep:
        raise
    except ProviderError as error:
        return Page(statuses=[make_error_status(source, error)])
    return Page(
        page_slice.rows,
        page_slice.has_next,
        page_slice.total,
        [make_status(source, page_slice.answers)],
    )
