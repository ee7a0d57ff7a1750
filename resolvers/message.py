"""The viewer's own conversations, and what he may change."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from providers.psn_records import PsnMessage, PsnMessageGroup, PsnMessageGroupPage

from providers.capabilities import HasMessages, HasWrites, MessagePageKey
from providers.errors import Forbidden, NotFound, ProviderError
from providers.kit.caching.cached import Cached
from providers.kit.idempotency import hash_input
from providers.registry import Source
from resolvers.context import AccountRef, Owner, ResolverContext, write_forbidden
from resolvers.pagination import MAX_PAGES, CursorTooDeep, Paginator, RowPosition
from resolvers.status import Status, make_error_status, make_status

T = TypeVar("T")
SOURCE = Source.PSN


@dataclass(frozen=True)
class MessageGroupsPage:
    """A stretch of conversations."""

    rows: list[tuple[int, PsnMessageGroup]] = field(
        default_factory=list[tuple[int, PsnMessageGroup]]
    )
    has_next: bool = False
    total: int | None = None
    statuses: list[Status] = field(default_factory=list[Status])


@dataclass(frozen=True)
class MessagesPage:
    """A stretch of a thread, newest first."""

    rows: list[PsnMessage]
    has_next: bool
    statuses: list[Status]


async def require_own_account(context: ResolverContext, account: AccountRef) -> Owner:
    """The account, if it is the viewer's own."""
    account_id = await context.loaders.load_account_id(account.source, account.handle)
    if account_id != await context.get_own_account_id(account.source):
        raise conversations_forbidden(account.source)
    return Owner(account.source, account.handle, account_id)


async def get_message_groups(
    context: ResolverContext, account: AccountRef, first: int, after: RowPosition | None
) -> tuple[Owner | None, MessageGroupsPage]:
    """The next conversations, last modified first."""

    async def ask(offset: int) -> Cached[PsnMessageGroupPage]:
        return await context.loaders.load_message_groups(account.source, offset)

    paginator = Paginator(
        ask, lambda page: page.groups, lambda page: page.next_offset, lambda one: one.native_id
    )
    try:
        owner = await require_own_account(context, account)
        page_slice = await paginator.read_slice(0, first, after)
    except CursorTooDeep:
        raise
    except ProviderError as error:
        return None, MessageGroupsPage(statuses=[make_error_status(account.source, error)])
    statuses = [make_status(account.source, page_slice.answers)]
    return owner, MessageGroupsPage(
        page_slice.rows, page_slice.has_next, page_slice.total, statuses
    )


async def get_message_group(
    context: ResolverContext, source: Source, group_id: str
) -> PsnMessageGroup | None:
    """One conversation; None when the viewer is not in it."""
    try:
        return (await context.loaders.load_message_group(source, group_id)).value
    except NotFound:
        return None


async def get_messages(
    context: ResolverContext, source: Source, key: MessagePageKey, first: int
) -> MessagesPage:
    """The next messages of a thread."""
    found: list[PsnMessage] = []
    answers: list[Cached[object]] = []
    before, more = key.before, True
    try:
        while more and len(found) <= first and len(answers) < MAX_PAGES:
            page_key = MessagePageKey(key.group_id, key.thread_id, before)
            answer = await context.loaders.load_messages(source, page_key)
            answers.append(answer)
            found += answer.value.messages
            following = answer.value.next_before
            more, before = following is not None and following != before, following
    except ProviderError as error:
        return MessagesPage(
            found[:first], has_next=False, statuses=[make_error_status(source, error)]
        )
    return MessagesPage(found[:first], len(found) > first or more, [make_status(source, answers)])


def conversations_forbidden(source: Source) -> Forbidden:
    """The error of conversations that are another account's."""
    message = "Conversations are shown to their own account alone."
    return Forbidden(message, source=source.name)


def check_group(context: ResolverContext, group_id: str, thread_id: str | None = None) -> None:
    """Refuse what no group or thread can be called."""
    client = context.viewer.clients.get(SOURCE)
    if isinstance(client, HasMessages):
        client.check_group(group_id)
        if thread_id is not None:
            client.check_thread(thread_id)


async def write(
    context: ResolverContext,
    operation: str,
    key: str | None,
    inputs: Sequence[object],
    action: Callable[[HasWrites], Awaitable[T]],
) -> T:
    """Change something on the viewer's account, if he may; once for each idempotency key."""
    may_write = context.viewer.can_write.get(SOURCE)
    client = context.viewer.clients[SOURCE] if may_write else context.loaders.get_client(SOURCE)
    if not may_write or not isinstance(client, HasWrites):
        raise write_forbidden(SOURCE)
    writer = client
    name = (client.scope, operation)
    return await context.idempotency.run_once(
        name, key, hash_input(list(inputs)), lambda: action(writer)
    )
