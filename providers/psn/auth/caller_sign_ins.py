"""Keeps callers' sign-ins between their requests, at most 1,000 of them."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from providers.psn.auth.sign_in import SignIn

MAX_SIGN_INS, MAX_IDLE_SIGN_INS = 1000, 100


@dataclass
class CallerSignIns:
    """Sign-ins by the scope of their credential, the least recently used first."""

    max_sign_ins: int = MAX_SIGN_INS
    max_idle_sign_ins: int = MAX_IDLE_SIGN_INS
    _sign_ins: OrderedDict[str, SignIn] = field(
        default_factory=OrderedDict[str, SignIn], repr=False
    )

    def get_or_create(self, scope: str, create: Callable[[], SignIn]) -> SignIn:
        """Return the sign-in of a scope; create it, and evict another one if there are too many."""
        sign_in = self._sign_ins.get(scope)
        if sign_in is None:
            sign_in = self._sign_ins[scope] = create()
        self._sign_ins.move_to_end(scope)
        if len(self._sign_ins) > self.max_sign_ins:
            self._evict_one()
        return sign_in

    def _evict_one(self) -> None:
        """Evict the least recently used idle sign-in if there are many, else a signed-in one.

        Anyone can send invented credentials, which must not evict callers that are signed in. But
        some places are for idle sign-ins: a new caller must not be evicted before they sign in.
        """
        idle = [scope for scope, sign_in in self._sign_ins.items() if sign_in.is_idle]
        signed_in = (scope for scope in self._sign_ins if scope not in idle)
        del self._sign_ins[idle[0] if len(idle) > self.max_idle_sign_ins else next(signed_in)]
