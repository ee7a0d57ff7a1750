"""Until when the authorization server is left alone, for the operator and for callers."""

import time
from dataclasses import dataclass, field
from enum import Enum, auto

MAX_CALLER_PAUSE_SECONDS = 300.0  # whatever the server asks for
# After a first 429 the operator tries again this soon: callers may have been its cause.
OPERATOR_RETRY_SECONDS = 15.0


class Requester(Enum):
    """For whom a request is sent."""

    OPERATOR = auto()
    SIGNED_IN_CALLER = auto()  # renews tokens that PSN has issued
    NEW_CALLER = auto()  # signs in with an NPSSO, which anyone can invent


# Which callers a 429 pauses: what a new caller causes holds up new callers alone.
PAUSED_CALLERS = {
    Requester.OPERATOR: (Requester.SIGNED_IN_CALLER, Requester.NEW_CALLER),
    Requester.SIGNED_IN_CALLER: (Requester.SIGNED_IN_CALLER, Requester.NEW_CALLER),
    Requester.NEW_CALLER: (Requester.NEW_CALLER,),
}


@dataclass
class SignInPauses:
    """The pauses after a 429, by requester; times are of `time.monotonic`."""

    _paused_until: dict[Requester, float] = field(default_factory=dict[Requester, float])
    _operator_has_retried: bool = False

    def get_remaining_seconds(self, requester: Requester) -> float:
        """Return for how many seconds no request may be sent; 0 or less if one may."""
        return self._paused_until.get(requester, 0.0) - time.monotonic()

    def pause(self, requester: Requester, seconds: float) -> float:
        """Pause after a 429 for this requester, and return for how many seconds."""
        for caller in PAUSED_CALLERS[requester]:
            self._extend(caller, min(seconds, MAX_CALLER_PAUSE_SECONDS))
        if requester is Requester.OPERATOR:
            is_first = not self._operator_has_retried
            self._extend(requester, min(seconds, OPERATOR_RETRY_SECONDS) if is_first else seconds)
            self._operator_has_retried = is_first
        return self.get_remaining_seconds(requester)

    def end(self, requester: Requester) -> None:
        """Record that the server has answered with anything but a 429."""
        if requester is Requester.OPERATOR:
            self._operator_has_retried = False

    def _extend(self, requester: Requester, seconds: float) -> None:
        until = time.monotonic() + seconds
        self._paused_until[requester] = max(until, self._paused_until.get(requester, 0.0))
