"""Listens to the operator's accounts, and puts what is unlocked into the queues of the webhooks."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from graphql import ExecutionResult

from providers.capabilities import Client
from providers.errors import BadInput, ProviderError
from providers.kit.request_context import RequestContext, set_current
from providers.kit.shared.durable_records import DurableRecords
from providers.kit.shared.record_backend import RecordKind, build_position
from providers.registry import Source
from resolvers.context import AccountRef, ResolverContext, Viewer
from resolvers.live.live import Live
from resolvers.loaders import Loaders
from schema.federated_schema import FederatedSchema, ResponseStream
from schema.global_id import encode
from schema.list_cursors import UNLOCKS
from server.limits.document import parse_document
from server.webhooks.unlock_message import UnlockMessage

CALLER_NAME = "webhooks"
SUBSCRIPTION = """
    subscription ($accounts: [AccountInput!]!, $after: String) {
      achievementUnlocked(accounts: $accounts, after: $after) {
        eventId cursor detectedAt detectedBy
        account { source handle nativeId displayName }
        achievement {
          nativeId name description icon { url } grade points { value } rarity { percent } earnedAt
          title { nativeId name }
        }
      }
    }
"""
# Between two tries to listen to an account that its source refuses.
RETRY_SECONDS = 300.0
STORE_RETRY_SECONDS = 5.0
# What is older was there before the webhooks were set.
MAX_AGE_SECONDS = 3600.0
HEARD = RecordKind("webhook.heard", seconds=2 * 86_400, max_per_owner=1)

log = logging.getLogger("trophycase.webhooks")

Put = Callable[[UnlockMessage], Awaitable[None]]


def build_operator_viewer(clients: Mapping[Source, Client]) -> Viewer:
    """Build the viewer who has the operator's own accounts, for reading alone."""
    owned = [source for source in Source if source in clients and clients[source].own_handle]
    return Viewer(clients, tuple(AccountRef(each, clients[each].own_handle) for each in owned))


@dataclass
class UnlockListener:
    """A subscription to each of the operator's accounts, so that they are watched.

    `put` gets each unlock with its texts, more than once after a restart and in every process.
    """

    graph: FederatedSchema
    viewer: Viewer
    live: Live
    records: DurableRecords
    deadline: float
    put: Put
    _tasks: "list[asyncio.Task[None]]" = field(default_factory=list["asyncio.Task[None]"])

    def start(self) -> None:
        """Begin to listen."""
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._listen(each)) for each in self.viewer.accounts]

    async def aclose(self) -> None:
        """End all subscriptions."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _listen(self, account: AccountRef) -> None:
        while True:
            try:
                await self._read_stream(account)
            except BadInput:  # the cursor is of another version
                await self.records.delete(HEARD, account.source.name)
            except ProviderError as error:
                log.warning("webhooks cannot listen to %s: %s", account.source.name, error.code)
            except Exception:  # a bug must not end the subscription
                log.exception("webhooks cannot listen to %s", account.source.name)
            await asyncio.sleep(RETRY_SECONDS)

    async def _read_stream(self, account: AccountRef) -> None:
        variables = {
            "accounts": [{"source": account.source.name, "handle": account.handle}],
            "after": await self._load_cursor(account.source),
        }
        prepared = self.graph.prepare(SUBSCRIPTION, parse_document)
        context = self._renew_context()
        stream = await self.graph.start_stream(
            prepared, None, variables, context, self._renew_context
        )
        if not isinstance(stream, ResponseStream):
            _raise_first(stream)
            return
        try:
            async for result in stream:
                event = _read_event(result)
                message = build_message(event)
                if time.time() - message.detected_at.timestamp() < MAX_AGE_SECONDS:
                    await self._put(message)
                await self._save_cursor(account.source, event["cursor"])
        finally:
            await stream.aclose()

    async def _load_cursor(self, source: Source) -> str:
        """Return the cursor of what was heard last; that of now if nothing was."""
        heard = await self.records.get(HEARD, source.name)
        if heard is not None:
            return heard.decode()
        cursor = encode(UNLOCKS.name, build_position(time.time()), "")
        await self._save_cursor(source, cursor)
        return cursor

    async def _save_cursor(self, source: Source, cursor: str) -> None:
        await self.records.set(HEARD, source.name, "", cursor.encode())

    async def _put(self, message: UnlockMessage) -> None:
        """Put a message, however often the store has to be tried."""
        while True:
            try:
                return await self.put(message)
            except ProviderError as error:
                log.warning("webhooks cannot store a message: %s", error.code)
            await asyncio.sleep(STORE_RETRY_SECONDS)
            self._renew_context()  # the last one's deadline is over

    def _renew_context(self) -> ResolverContext:
        deadline = time.monotonic() + self.deadline
        set_current(RequestContext(deadline, caller=CALLER_NAME, is_background=True))
        loaders = Loaders(self.viewer.clients, self.viewer.source_errors)
        return ResolverContext(self.viewer, loaders, live=self.live)


def build_message(event: Mapping[str, Any]) -> UnlockMessage:
    """Build the message of an event, as the subscription returns it."""
    account, title = event["account"], event["achievement"]["title"]
    members = {
        **event,
        "source": account["source"],
        "account": {**account, "id": account["nativeId"]},
        "achievement": _flatten(event["achievement"]),
        "title": title and {**title, "id": title["nativeId"]},
    }
    return msgspec.convert(members, UnlockMessage)


def _flatten(achievement: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **achievement,
        "id": achievement["nativeId"],
        "iconUrl": _get_part(achievement["icon"], "url"),
        "points": _get_part(achievement["points"], "value"),
        "rarityPercent": _get_part(achievement["rarity"], "percent"),
    }


def _get_part(value: Any, name: str) -> Any:
    return None if value is None else value[name]


def _read_event(result: ExecutionResult) -> Mapping[str, Any]:
    """Return the event of a response; what its source does not return now is null."""
    if result.data is None:
        _raise_first(result)
    return (result.data or {})["achievementUnlocked"]


def _raise_first(result: ExecutionResult) -> None:
    for error in result.errors or ():
        raise error.original_error or error
