"""People around an account: who is online, friends, played games, and finding somebody."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from providers.abilities import PageKey, SearchKey
from providers.errors import NotFound, ProviderError
from providers.kit.cache import Answer
from providers.records import Person, PsnPlayedGame, PsnPresence, Title
from providers.registry import Source
from resolvers.context import Account, Context
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
    context: Context, account: Account, first: int, after: tuple[int, str] | None
) -> Stretch[str]:
    """The next friends' account ids."""
    found: list[tuple[int, str]] = []
    answers: list[Answer[object]] = []
    total: int | None = None
    offset: int | None = 0
    try:
        while offset is not None and len(found) <= first + _behind(found, after):
            key = PageKey(account.handle, offset)
            answer = await context.loaders.friends(account.source, key)
            answers.append(answer)
            page = answer.value
            total = page.total if total is None else total
            found += [(offset + place, each) for place, each in enumerate(page.account_ids)]
            following = page.next_offset
            offset = following if following is not None and following > offset else None
    except ProviderError as error:
        return Stretch(total=None, statuses=[failed(account.source, error)])
    rest = found[_behind(found, after) :]
    more = len(rest) > first or offset is not None
    return Stretch(rest[:first], more, total, [answered(account.source, answers)])


async def played_games(
    context: Context, account: Account, first: int, after: tuple[int, str] | None
) -> Stretch[PsnPlayedGame]:
    """The next played games, last played first."""
    games: list[PsnPlayedGame] = []
    answers: list[Answer[object]] = []
    total: int | None = None
    offset: int | None = 0
    start = 0
    try:
        while offset is not None and len(games) <= first + start:
            key = PageKey(account.handle, offset)
            answer = await context.loaders.played_games(account.source, key)
            answers.append(answer)
            page = answer.value
            total = page.total if total is None else total
            games += page.games
            start = _behind([(place, each.np_title_id) for place, each in enumerate(games)], after)
            following = page.next_offset
            offset = following if following is not None and following > offset else None
    except ProviderError as error:
        return Stretch(total=None, statuses=[failed(account.source, error)])
    rows = list(enumerate(games))[start:]
    more = len(rows) > first or offset is not None
    return Stretch(rows[:first], more, total, [answered(account.source, answers)])


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
    context: Context, source: Source, term: str, first: int, after: tuple[int, str] | None
) -> Stretch[Person]:
    """Accounts by a part of their name, an exact name first."""
    people: list[Person] = []
    answers: list[Answer[object]] = []
    total: int | None = None
    cursor: str | None = None
    start, more = 0, True
    while more and len(people) <= first + start:
        answer = await context.loaders.search(source, SearchKey(term, cursor))
        answers.append(answer)
        page = answer.value
        total = page.total if total is None else total
        people += page.people
        start = _behind([(place, each.native_id) for place, each in enumerate(people)], after)
        following = page.next_cursor
        more, cursor = following is not None and following != cursor, following
    rows = list(enumerate(people))[start:]
    has_next = len(rows) > first or more
    return Stretch(rows[:first], has_next, total, [answered(source, answers)])


def _behind(rows: list[tuple[int, str]], after: tuple[int, str] | None) -> int:
    """How many rows come before those behind a cursor: it names a row, and its former place."""
    if after is None:
        return 0
    place, name = after
    named = next((index for index, (_, each) in enumerate(rows) if each == name), None)
    return place + 1 if named is None else named + 1
