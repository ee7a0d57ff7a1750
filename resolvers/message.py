"""The viewer's own PlayStation conversations, and writes to their own account."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from providers.capabilities import HasWrites, MessagePageKey
from providers.errors import Forbidden, NotFound, ProviderError
from providers.kit.caching.cached import Cached
from providers.kit.idempotency import hash_input
from providers.psn_records import (
    PsnMessage,
    PsnMessageGroup,
    PsnMessageGroupPage,
    PsnMessagePage,
)
from providers.registry import Source
from resolvers.context import AccountRef, Owner, ResolverContext, write_forbidden
from resolvers.pagination import Page, Paginator, RemotePages, RowPosition
from resolvers.status import make_error_status, make_status

T = TypeVar("T")
SOURCE = Source.PSN


async def require_own_account(context: ResolverContext, account: AccountRef) -> Owner:
    """Return the account; raise `Forbidden` if it is not the viewer's own."""
    account_id = await context.loaders.load_account_id(account.source, account.handle)
    if account_id != await context.get_own_account_id(account.source):
        raise conversations_forbidden(account.source)
    return Owner(account.source, account.handle, account_id)


async def get_message_groups(
    context: ResolverContext, account: AccountRef, first: int, after: RowPosition | None
) -> Page[tuple[Owner, PsnMessageGroup]]:
    """Return a page of the conversations, last modified first.

    The page of an account that is not the viewer's own has the error status only.
    """

    async def fetch_page(offset: int) -> Cached[PsnMessageGroupPage]:
        return await context.loaders.load_message_groups(account.source, offset)

    try:
        owner = await require_own_account(context, account)
    except ProviderError as error:
        return Page(statuses=[make_error_status(account.source, error)])
    paginator = Paginator(
        account.source,
        0,
        fetch_page,
        lambda page: [(owner, group) for group in page.groups],
        lambda page: page.next_offset,
        lambda row: row[1].native_id,
    )
    return await paginator.try_read_page(first, after)


async def get_message_group(
    context: ResolverContext, source: Source, group_id: str
) -> PsnMessageGroup | None:
    """Return one conversation; None if the viewer is not a member of it."""
    try:
        return (await context.loaders.load_message_group(source, group_id)).value
    except NotFound:
        return None


async def get_messages(
    context: ResolverContext, source: Source, key: MessagePageKey, first: int
) -> Page[PsnMessage]:
    """Return a page of a thread, newest first; what was read before a failure is kept."""

    def get_next_key(page_key: MessagePageKey, page: PsnMessagePage) -> MessagePageKey | None:
        return None if page.next_before is None else replace(page_key, before=page.next_before)

    async def fetch_page(page_key: MessagePageKey) -> Cached[PsnMessagePage]:
        return await context.loaders.load_messages(source, page_key)

    pages = RemotePages(fetch_page, get_next_key, key)
    found: list[PsnMessage] = []
    try:
        while pages.can_read_more and len(found) <= first:
            page = await pages.read_next()
            found += page.messages if page is not None else ()
    except ProviderError as error:
        status, has_next = make_error_status(source, error), False
    else:
        status = make_status(source, pages.answers)
        has_next = len(found) > first or pages.next_start is not None
    rows = [((message.uid,), message) for message in found[:first]]
    return Page(rows, has_next, statuses=[status])


def conversations_forbidden(source: Source) -> Forbidden:
    """Return the error of a conversation of another account."""
    message = "Conversations are visible to their own account only."
    return Forbidden(message, source=source.name)


async def perform_write(
    context: ResolverContext,
    operation: str,
    key: str | None,
    inputs: Sequence[object],
    result_type: type[T],
    action: Callable[[HasWrites], Awaitable[T]],
) -> T:
    """Perform a write on the viewer's account, once for each idempotency key.

    Raises `Forbidden` without the permission to write.
    """
    can_write = context.viewer.can_write.get(SOURCE)
    client = context.viewer.clients[SOURCE] if can_write else context.loaders.get_client(SOURCE)
    if not can_write or not isinstance(client, HasWrites):
        raise write_forbidden(SOURCE)
    writer = client
    return await context.idempotency.run_once(
        (client.scope, operation),
        key,
        hash_input(list(inputs)),
        result_type,
        lambda: action(writer),
    )
