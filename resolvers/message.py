"""The viewer's own conversations, and what he may change."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from providers.capabilities import HasMessages, HasMessageWrites, MessagesKey
from providers.errors import Forbidden, NotFound, ProviderError
from providers.kit.caching.cached import Answer
from providers.kit.idempotency import fingerprint_of
from providers.records import PsnMessage, PsnMessageGroup, PsnMessageGroupPage
from providers.registry import Source
from resolvers.context import Account, Context, Shelf, may_not_write
from resolvers.pagination import MOST_PAGES, Pages, Place, TooFar
from resolvers.status import Status, answered, failed

T = TypeVar("T")
SOURCE = Source.PSN


@dataclass(frozen=True)
class GroupsPage:
    """A stretch of conversations."""

    groups: list[tuple[int, PsnMessageGroup]] = field(
        default_factory=list[tuple[int, PsnMessageGroup]]
    )
    has_next: bool = False
    total: int | None = None
    statuses: list[Status] = field(default_factory=list[Status])


@dataclass(frozen=True)
class MessagesPage:
    """A stretch of a thread, newest first."""

    messages: list[PsnMessage]
    has_next: bool
    statuses: list[Status]


async def own_shelf(context: Context, account: Account) -> Shelf:
    """The account, if it is the viewer's own."""
    account_id = await context.loaders.account_id(account.source, account.handle)
    if account_id != await context.own_id(account.source):
        raise not_yours(account.source)
    return Shelf(account.source, account.handle, account_id)


async def groups(
    context: Context, account: Account, first: int, after: Place | None
) -> tuple[Shelf | None, GroupsPage]:
    """The next conversations, last modified first."""

    async def ask(offset: int) -> Answer[PsnMessageGroupPage]:
        return await context.loaders.message_groups(account.source, offset)

    pages = Pages(
        ask, lambda page: page.groups, lambda page: page.next_offset, lambda one: one.native_id
    )
    try:
        shelf = await own_shelf(context, account)
        walked = await pages.walk(0, first, after)
    except TooFar:
        raise
    except ProviderError as error:
        return None, GroupsPage(statuses=[failed(account.source, error)])
    statuses = [answered(account.source, walked.answers)]
    return shelf, GroupsPage(walked.rows, walked.more, walked.total, statuses)


async def group(context: Context, source: Source, group_id: str) -> PsnMessageGroup | None:
    """One conversation; None when the viewer is not in it."""
    try:
        return (await context.loaders.message_group(source, group_id)).value
    except NotFound:
        return None


async def messages(context: Context, source: Source, key: MessagesKey, first: int) -> MessagesPage:
    """The next messages of a thread."""
    found: list[PsnMessage] = []
    answers: list[Answer[object]] = []
    before, more = key.before, True
    try:
        while more and len(found) <= first and len(answers) < MOST_PAGES:
            asked = MessagesKey(key.group_id, key.thread_id, before)
            answer = await context.loaders.messages(source, asked)
            answers.append(answer)
            found += answer.value.messages
            following = answer.value.next_before
            more, before = following is not None and following != before, following
    except ProviderError as error:
        return MessagesPage(found[:first], has_next=False, statuses=[failed(source, error)])
    return MessagesPage(found[:first], len(found) > first or more, [answered(source, answers)])


def not_yours(source: Source) -> Forbidden:
    """The error of conversations that are another account's."""
    message = "Conversations are shown to their own account alone."
    return Forbidden(message, source=source.name)


def check_group(context: Context, group_id: str, thread_id: str | None = None) -> None:
    """Refuse what no group or thread can be called."""
    client = context.viewer.clients.get(SOURCE)
    if isinstance(client, HasMessages):
        client.check_group(group_id)
        if thread_id is not None:
            client.check_thread(thread_id)


async def write(
    context: Context,
    operation: str,
    key: str | None,
    given: Sequence[object],
    act: Callable[[HasMessageWrites], Awaitable[T]],
) -> T:
    """Change something on the viewer's account, if he may; once for each idempotency key."""
    may_write = context.viewer.may_write.get(SOURCE)
    client = context.viewer.clients[SOURCE] if may_write else context.loaders.client(SOURCE)
    if not may_write or not isinstance(client, HasMessageWrites):
        raise may_not_write(SOURCE)
    writer = client
    name = (client.scope, operation)
    return await context.once.once(name, key, fingerprint_of(list(given)), lambda: act(writer))
