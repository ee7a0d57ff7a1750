"""The new unlocks of some accounts, for one subscription."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Self, TypeVar

from msgspec.structs import replace

from providers.capabilities import HasAchievements, HasTitles
from providers.errors import BadInput, Forbidden, NotConfigured, ProviderError, UpstreamFailed
from providers.kit.request_context import DEFAULT_DEADLINE_SECONDS, get_current, set_current
from resolvers.context import AccountRef, Owner, ResolverContext
from resolvers.live.live import Listener
from resolvers.live.unlock_event import EventPosition, UnlockEvent, WatchKey
from resolvers.loaders import ME
from resolvers.title import owner_of

T = TypeVar("T")

MAX_ACCOUNTS = 20
# Between two tries to find out the id of an account whose source fails.
RETRY_SECONDS = 60


# Builds what a stream yields: an event, and its account as the subscription names it.
Build = Callable[[UnlockEvent, Owner], T]


def check_account_count(count: int) -> None:
    """Raise `BadInput` for no account, or for too many."""
    if not 0 < count <= MAX_ACCOUNTS:
        message = f"accounts: must have 1 to {MAX_ACCOUNTS} accounts."
        raise BadInput(message, argument="accounts")


async def open_unlock_stream(
    context: ResolverContext,
    accounts: Sequence[AccountRef] | None,
    after: EventPosition | None,
    build: Build[T],
) -> "UnlockStream[T]":
    """Begin to listen to accounts, by default the viewer's own; first replay after a position.

    Raise the error of an account that cannot be watched. One whose source fails now is watched as
    soon as the source answers.
    """
    if context.live is None:
        raise NotConfigured("This server has no subscriptions.")
    validated = _validate_accounts(context, accounts)
    stream = UnlockStream(context, context.live.open(), build)
    try:
        await asyncio.gather(*(stream.add(each) for each in validated))
        if after is not None:
            await stream.replay(after)
    except BaseException:
        await stream.aclose()
        raise
    return stream


def _validate_accounts(
    context: ResolverContext, accounts: Sequence[AccountRef] | None
) -> list[AccountRef]:
    viewer = context.viewer
    if accounts is None and viewer.access_error is not None:
        raise viewer.access_error
    found = viewer.accounts if accounts is None else accounts
    check_account_count(len(found))
    for each in found:
        client = context.loaders.get_client(each.source)
        if not isinstance(client, HasTitles | HasAchievements):
            message = "accounts: must be on sources with achievements."
            raise BadInput(message, argument="accounts", source=each.source.name)
    return [context.validate_account(each.source, each.handle) for each in dict.fromkeys(found)]


class UnlockStream(AsyncIterator[T]):
    """The events of a subscription, from its beginning until it is closed."""

    def __init__(self, context: ResolverContext, listener: Listener, build: Build[T]) -> None:
        self._context = context
        self._listener = listener
        self._build = build
        self._owners: dict[WatchKey, Owner] = {}
        self._after: EventPosition | None = None
        self._retries: set[asyncio.Task[None]] = set()

    async def add(self, account: AccountRef) -> None:
        """Listen to an account; later, if its source fails now. Raise any other error."""
        try:
            await self._connect(account)
        except UpstreamFailed:
            self._retries.add(asyncio.create_task(self._retry(account)))

    async def replay(self, after: EventPosition) -> None:
        """Receive the logged events after a position first."""
        self._after = after
        await self._listener.replay(after)

    @property
    def dropped_count(self) -> int:
        """The events that were dropped, because too many waited."""
        return self._listener.inbox.dropped_count

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        """Wait for the next event."""
        while (delivery := await self._listener.get()) is not None:
            key, event = delivery
            if not (self._context.viewer.is_profile and _is_hidden(event)):
                return self._build(event, self._owners[key])
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """End the stream."""
        self._listener.close()
        for task in self._retries:
            task.cancel()

    async def _connect(self, account: AccountRef) -> WatchKey:
        owner = await owner_of(self._context, account)
        await _check_not_operators(self._context, owner)
        client = self._context.loaders.get_client(account.source)
        key = WatchKey(account.source, client.scope, owner.account_id or account.handle)
        self._owners.setdefault(key, owner)
        await self._listener.add(key, client)
        return key

    async def _retry(self, account: AccountRef) -> None:
        while True:
            await asyncio.sleep(RETRY_SECONDS)
            _restart_deadline()
            try:
                key = await self._connect(account)
            except UpstreamFailed:
                continue
            except ProviderError:
                return
            if self._after is not None:
                await self._listener.replay(self._after, key)
            return


def _is_hidden(event: UnlockEvent) -> bool:
    """Return whether the owner has hidden the title of an event."""
    return event.unlock.title is not None and bool(event.unlock.title.hidden_by_owner)


async def _check_not_operators(context: ResolverContext, owner: Owner) -> None:
    """Raise `Forbidden` if the viewer may see other players alone, and this is the operator.

    A source shows the owner of a credential what they hide from others.
    """
    client = context.loaders.get_client(owner.source)
    viewer = context.viewer
    is_shown = not viewer.is_public or viewer.is_profile or viewer.has_own_credential(owner.source)
    if is_shown or client.own_handle != ME:
        return
    if owner.account_id == await context.loaders.load_account_id(owner.source, ME):
        message = "The operator's own account requires an API key with scope `read`."
        raise Forbidden(message, source=owner.source.name)


def _restart_deadline() -> None:
    deadline = time.monotonic() + DEFAULT_DEADLINE_SECONDS
    set_current(replace(get_current(), deadline=deadline, started_at=time.time()))
