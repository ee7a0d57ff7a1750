"""What is known of credentials: which ones their source has accepted or rejected lately."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from cachetools import TTLCache

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

    def record_accepted(self, source: str, scope: str) -> None:
        """Record that the source has just accepted the credential."""
        self._accepted[source, scope] = True
        self._rejected.pop((source, scope), None)

    def record_rejected(self, source: str, scope: str) -> None:
        """Record that the source has just rejected the credential, and tell the listeners."""
        self._accepted.pop((source, scope), None)
        self._rejected[source, scope] = True
        for listener in self.rejection_listeners:
            listener(source, scope)

    def is_accepted(self, source: str, scope: str) -> bool:
        """Return whether the source has accepted the credential within the last ten minutes."""
        return (source, scope) in self._accepted

    def is_rejected(self, source: str, scope: str) -> bool:
        """Return whether the source has rejected the credential within the last minute."""
        return (source, scope) in self._rejected
