"""A running subscription: each event of its source becomes a result, executed on its own."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import ExecutionResult, GraphQLError
from starlette.responses import Response

from providers.kit.request_context import get_current
from resolvers.context import ResolverContext
from schema.errors import format_error
from schema.federated_schema import ResponseStream
from server.concurrency_limit import LIGHT_VALUES
from server.graphql_response import build_result_response
from server.live.live_connections import LiveConnections
from server.observability.operation_log import OperationRecord
from server.operation_runner import OperationRunner, StartedSubscription
from server.start_operation import start_operation

MAX_CONCURRENT_EVENTS = 50
# Of those with so many values that a few of them fill the memory.
MAX_CONCURRENT_LARGE_EVENTS = 2


class SourceFailed(Exception):
    """The source of a subscription's events has failed; `errors` are what the client is told."""

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
        graphql_request = started.received.graphql_request

        def renew_context() -> ResolverContext:
            start_operation(request, self.runner.settings, caller)
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
        async with self.subscriptions.reserve(self.started.values):
            return await self._execute(event)

    async def close(self) -> None:
        """Stop the source."""
        if self._is_closed:
            return
        self._is_closed = True
        self.subscriptions.connections.remove_subscription()
        await self.stream.aclose()

    async def _execute(self, event: Any) -> bytes:
        received = self.started.received
        result = await self.stream.execute(event)
        context = get_current()  # the event's own
        await context.wait_for_revalidations()
        dropped = self.stream.dropped_count - self._told_count
        self._told_count += dropped
        self.subscriptions.connections.metrics.on_event(received.record.transport, dropped)
        # The errors of an hour of events are too many for one record.
        record = replace(received.record, errors=[], request_context=context)
        extensions = {"dropped": dropped} if dropped else {}
        response = build_result_response(result, context, received.media_type, record, extensions)
        _add_event(received.record, record)
        return bytes(response.body)

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
