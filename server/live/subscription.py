"""A running subscription: each event of its source becomes a result, executed on its own."""

import asyncio
from collections.abc import AsyncGenerator, Hashable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import msgspec
from graphql import ExecutionResult, GraphQLError
from starlette.responses import Response

from providers.kit.request_context import get_current
from resolvers.context import ResolverContext
from schema.errors import format_error
from schema.federated_schema import ResponseStream
from server.concurrency_limit import LIGHT_VALUES
from server.graphql_request import NO_UPSTREAM_CALLS
from server.graphql_response import build_result_response, cut_extensions
from server.live.live_connections import LiveConnections
from server.live.shared_results import SharedResult, SharedResults
from server.observability.operation_log import OperationRecord
from server.operation_runner import OperationRunner, StartedSubscription
from server.response_parts import read_body
from server.start_operation import start_operation

MAX_CONCURRENT_EVENTS = 50
# Of those with so many values that a few of them fill the memory.
MAX_CONCURRENT_LARGE_EVENTS = 2


class SourceFailed(Exception):
    """The source of a subscription's events has failed; `errors` are sent to the client."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__()
        self.errors = errors


@dataclass(frozen=True)
class Subscriptions:
    """Starts subscriptions, and bounds how many events are executed at once.

    An event is never rejected because others are being executed: it waits for them.
    """

    runner: OperationRunner
    connections: LiveConnections
    shared: SharedResults = field(default_factory=SharedResults)
    _slots: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(MAX_CONCURRENT_EVENTS)
    )
    _large_slots: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(MAX_CONCURRENT_LARGE_EVENTS)
    )

    async def open(self, started: StartedSubscription) -> "Subscription | Response":
        """Return the running subscription, or the response with the errors that prevent it."""
        self.connections.add_subscription()
        try:
            stream = await self._start_stream(started)
        except BaseException:
            self.connections.remove_subscription()
            raise
        if isinstance(stream, ResponseStream):
            return Subscription(self, started, stream)
        self.connections.remove_subscription()
        received = started.received
        return build_result_response(stream, get_current(), received.media_type, received.record)

    async def _start_stream(self, started: StartedSubscription) -> ResponseStream | ExecutionResult:
        request, caller = started.received.request, started.received.caller
        graphql_request, span = started.received.graphql_request, started.received.record.span

        def renew_context() -> ResolverContext:
            start_operation(request, self.runner.settings, caller, span)
            return self.runner.create_context(request, caller)

        return await self.runner.graph.start_stream(
            started.prepared,
            graphql_request.operation_name,
            graphql_request.variables,
            self.runner.create_context(request, caller),
            renew_context,
        )

    @asynccontextmanager
    async def reserve(self, values: int) -> AsyncGenerator[None]:
        """Wait until an event with so many values may be executed."""
        large_slot = self._large_slots if values > LIGHT_VALUES else nullcontext()
        async with large_slot, self._slots:
            yield


@dataclass
class Subscription:
    """A subscription's results, to be read one after the other; has to be closed."""

    subscriptions: Subscriptions
    started: StartedSubscription
    stream: ResponseStream
    _told_count: int = 0
    _is_closed: bool = False

    async def get_result(self) -> bytes | None:
        """Wait for an event, and return its encoded result; None after the last.

        Raise `SourceFailed` if the source of the events fails.
        """
        try:
            event = await self.stream.wait_for_event()
        except StopAsyncIteration:
            return None
        except Exception as error:  # noqa: BLE001 - whatever it is, its text is not shown
            raise self._describe_failure(error) from None
        key = self._build_key(event)
        if key is None:
            body, _ = await self._execute(event)
            return body
        shared = await self.subscriptions.shared.find(key)
        if shared is not None:
            return self._build_shared(shared)
        return await self.subscriptions.shared.offer(key, partial(self._execute, event))

    async def close(self) -> None:
        """Stop the source."""
        if self._is_closed:
            return
        self._is_closed = True
        self.subscriptions.connections.remove_subscription()
        await self.stream.aclose()

    async def _execute(self, event: Any) -> tuple[bytes, SharedResult | None]:
        received = self.started.received
        async with self.subscriptions.reserve(self.started.values):
            result = await self.stream.execute(event)
            context = get_current()  # the event's own
            await context.wait_for_revalidations()
            # The errors of an hour of events are too many for one record.
            record = replace(received.record, errors=[], request_context=context)
            response = build_result_response(
                result, context, received.media_type, record, self._count_dropped()
            )
        _add_event(received.record, record)
        shared = None
        if not record.errors:
            values = context.calls.total() + context.cached_count + context.coalesced_count
            shared = SharedResult(b"".join(cut_extensions(response)), values)
        return read_body(response), shared

    def _build_key(self, event: Any) -> Hashable | None:
        identity: Hashable | None = getattr(event, "identity", None)
        bypasses_cache = get_current().bypass_cache
        if self.started.key is None or identity is None or bypasses_cache:
            return None
        return self.started.key, identity

    def _build_shared(self, shared: SharedResult) -> bytes:
        """Build the result from another subscription's, whose values count as cached."""
        record = self.started.received.record
        record.events += 1
        upstream: dict[str, Any] = {**NO_UPSTREAM_CALLS, "cached": shared.values}
        extensions = msgspec.json.encode({"upstream": upstream, **self._count_dropped()})
        return b"".join((shared.data, b',"extensions":', extensions, b"}"))

    def _count_dropped(self) -> dict[str, int]:
        """Count an event, and return how many were dropped since the last one, if any."""
        dropped = self.stream.dropped_count - self._told_count
        self._told_count += dropped
        transport = self.started.received.record.transport
        self.subscriptions.connections.metrics.on_event(transport, dropped)
        return {"dropped": dropped} if dropped else {}

    def _describe_failure(self, error: Exception) -> SourceFailed:
        record = self.started.received.record
        located = GraphQLError("The source of the events failed.", original_error=error)
        shown = format_error(located, record.request_id)
        record.add_error(shown["extensions"])
        return SourceFailed([shown])


def _add_event(record: OperationRecord, event_record: OperationRecord) -> None:
    """Add an event to the line of its subscription, each kind of error once."""
    record.events += 1
    record.errors += [each for each in event_record.errors if each not in record.errors]
    total, context = record.request_context, event_record.request_context
    if total is None or context is None:
        return
    total.calls.update(context.calls)
    total.cached_count += context.cached_count
    total.coalesced_count += context.coalesced_count
