"""What is known of credentials: which ones their source has accepted or rejected lately."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from cachetools import TTLCache

from providers.kit.request_context import build_timeout_error, get_current

ACCEPTED_SECONDS = 600.0
REJECTED_SECONDS = 60.0
MAX_CREDENTIALS = 10_000

CredentialName = tuple[str, str]  # source and scope
RejectionListener = Callable[[str, str], None]


def _create_facts(seconds: float) -> TTLCache[CredentialName, bool]:
    return TTLCache(MAX_CREDENTIALS, seconds, timer=_get_time)


def _get_time() -> float:
    return time.monotonic()  # looked up at each use: a test may have replaced the clock


@dataclass
class CredentialRegistry:
    """The credentials of the last minutes by source and scope, at most 10,000 of each kind.

    An acceptance counts for ten minutes after the last accepted call, a rejection for one minute.
    `rejection_listeners` are called with the source and the scope of each rejection.
    """

    rejection_listeners: list[RejectionListener] = field(default_factory=list[RejectionListener])
    _accepted: TTLCache[CredentialName, bool] = field(
        default_factory=lambda: _create_facts(ACCEPTED_SECONDS), repr=False
    )
    _rejected: TTLCache[CredentialName, bool] = field(
        default_factory=lambda: _create_facts(REJECTED_SECONDS), repr=False
    )

    _first_calls: dict[CredentialName, asyncio.Event] = field(
        default_factory=dict[CredentialName, asyncio.Event], repr=False
    )

    def record_accepted(self, source: str, scope: str) -> None:
        """Record that the source has just accepted the credential.

        While a rejection counts no call is made, so this one began before it and is ignored.
        """
        if not self.is_rejected(source, scope):
            self._accepted[source, scope] = True
            self._end_first_call(source, scope)

    def record_rejected(self, source: str, scope: str) -> None:
        """Record that the source has just rejected the credential, and tell the listeners."""
        self._accepted.pop((source, scope), None)
        self._rejected[source, scope] = True
        self._end_first_call(source, scope)
        for listener in self.rejection_listeners:
            listener(source, scope)

    def is_accepted(self, source: str, scope: str) -> bool:
        """Return whether the source has accepted the credential within the last ten minutes."""
        return (source, scope) in self._accepted

    def is_rejected(self, source: str, scope: str) -> bool:
        """Return whether the source has rejected the credential within the last minute."""
        return (source, scope) in self._rejected

    @asynccontextmanager
    async def call_one_first(self, source: str, scope: str) -> AsyncGenerator[None]:
        """Let one of a credential's concurrent calls go first: it shows whether it is accepted.

        The others wait until that is known, or until the first call has ended without showing it.
        Raise `TimedOut` if neither happens before the request's deadline.
        """
        running = self._first_calls.get((source, scope))
        if running is not None:
            await _wait(running, source)
            yield
            return
        ended = self._first_calls[source, scope] = asyncio.Event()
        try:
            yield
        finally:
            if self._first_calls.get((source, scope)) is ended:
                self._end_first_call(source, scope)

    def _end_first_call(self, source: str, scope: str) -> None:
        ended = self._first_calls.pop((source, scope), None)
        if ended is not None:
            ended.set()


async def _wait(event: asyncio.Event, source: str) -> None:
    try:
        async with asyncio.timeout(get_current().get_remaining_seconds()):
            await event.wait()
    except TimeoutError:
        raise build_timeout_error(source) from None
