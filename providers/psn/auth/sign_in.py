"""Signing in and staying signed in, one flight at a time however many wait."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from providers.capabilities import Health
from providers.errors import BadInput, Failed, ProviderError, RateLimited
from providers.kit.instrumentation import Observer, Renewal
from providers.kit.request_context import current, late
from providers.kit.shared.shared_store import Shared
from providers.psn.auth import sign_in_errors
from providers.psn.auth.token_endpoint import PAUSE, Refusal
from providers.psn.auth.token_source import Strategies
from providers.psn.auth.token_store import Tokens
from providers.psn.identifiers import NPSSO
from providers.psn.urls import SOURCE

SHORT_PAUSE = 5
LOCK_SECONDS = 5.0
# A token refused although it is this new would not be helped by another.
JUST_RENEWED = 30


@dataclass(frozen=True)
class Hold:
    """A failure that is answered again for a while, so that the sign-in host is left alone."""

    error: ProviderError
    until: float
    refused: bool


class SignIn:
    """One credential's tokens, as the `Authority` that signs its requests."""

    def __init__(
        self,
        strategies: Strategies,
        *,
        caller: bool,
        clock: Callable[[], float] = time.time,
        observer: Observer | None = None,
        shared: Shared | None = None,
        scope: str = "",
    ) -> None:
        self._shared = shared or Shared()
        self._scope = scope
        self._observer = observer or Observer()
        self._strategies = strategies
        self._caller = caller
        self._clock = clock
        self._tokens = strategies.kept()
        self._flight: asyncio.Task[Tokens] | None = None
        self._hold: Hold | None = None
        self._renewed = 0.0

    async def headers(self, url: str) -> Mapping[str, str]:
        """The header of the present token."""
        del url
        # Lower case, as the token's type is spelled, is refused by the game list.
        return {"Authorization": f"Bearer {(await self._present()).access}"}

    async def renew(self, refused: Mapping[str, str]) -> bool:
        """After a 401: one refresh for all who were refused with the same token."""
        tokens = self._tokens
        if tokens is not None and refused.get("Authorization") != f"Bearer {tokens.access}":
            return True
        if self._flight is None and self._clock() - self._renewed < JUST_RENEWED:
            return False
        await self._obtain()
        self._renewed = self._clock()
        return True

    async def tokens(self) -> dict[str, str | None]:
        """The tokens themselves, for their owner's eyes."""
        tokens = await self._present()
        return {
            "access_token": tokens.access,
            "expires_at": _text(tokens.expires_at),
            "refresh_token": tokens.refresh,
            "refresh_expires_at": _text(tokens.refresh_expires_at),
        }

    async def sign_in_with(self, npsso: str) -> None:
        """Sign in with a new NPSSO and keep what comes of it."""
        if NPSSO.fullmatch(npsso) is None:
            raise BadInput("npsso: 64 letters and digits.", argument="npsso", source=SOURCE)
        if self._flight is not None:
            await asyncio.wait({self._flight})
        self._hold, self._strategies.npsso = None, npsso
        await self._fly(lambda: self._strategies.by_npsso(npsso))

    @property
    def idle(self) -> bool:
        """Whether nothing would be lost with it: it has no tokens, and none are on their way."""
        return self._tokens is None and self._flight is None

    def health(self) -> Health:
        """What is wrong, and until when the sign-in is good at best."""
        hold = self._hold
        wrong = hold is not None and (hold.refused or self._clock() < hold.until)
        ends = self._tokens.refresh_expires_at if self._tokens else None
        return Health(
            error=hold.error if hold and wrong else None,
            credential_expires_at=None if ends is None else datetime.fromtimestamp(ends, UTC),
        )

    async def _present(self) -> Tokens:
        tokens, now = self._tokens, self._clock()
        if tokens is not None and not tokens.due(now):
            return tokens
        try:
            return await self._obtain()
        except ProviderError:
            if tokens is None or not tokens.usable(now):
                raise
            return tokens

    async def _obtain(self) -> Tokens:
        hold = self._hold
        if hold is not None and self._clock() < hold.until:
            raise hold.error.with_traceback(None)
        return await self._fly(lambda: self._strategies.next(self._tokens, self._clock()))

    async def _fly(self, ask: Callable[[], Awaitable[Tokens]]) -> Tokens:
        if self._flight is None:
            self._flight = asyncio.get_running_loop().create_task(self._kept(ask))
            self._flight.add_done_callback(self._land)
            self._observer.flying(self._flight)
        flight = self._flight
        # Never cancelled by one who stops waiting: a rotated refresh token would be lost with it.
        done, _ = await asyncio.wait({flight}, timeout=current().remaining())
        if not done:
            raise late(SOURCE)
        return flight.result()

    def _land(self, flight: "asyncio.Task[Tokens]") -> None:
        self._flight = None
        if not flight.cancelled():
            flight.exception()  # looked at, so that nobody is told it was not

    async def _kept(self, ask: Callable[[], Awaitable[Tokens]]) -> Tokens:
        # One process at a time: who comes second finds the first one's tokens.
        async with self._shared.lock(f"PSN.sign_in.{self._scope}", ttl=LOCK_SECONDS):
            return await self._asked(ask)

    async def _asked(self, ask: Callable[[], Awaitable[Tokens]]) -> Tokens:
        try:
            tokens = await ask()
        except Refusal as refusal:
            error = sign_in_errors.refused(refusal, caller=self._caller)
            raise self._held(error, PAUSE, refused=True) from None
        except RateLimited as error:
            raise self._held(error, error.retry_after or PAUSE) from None
        except Failed as error:
            raise self._held(error, SHORT_PAUSE) from None
        await self._strategies.keep(tokens, self._clock())
        self._tokens, self._hold = tokens, None
        self._observer.renewed(SOURCE, Renewal.DONE, caller=self._caller)
        return tokens

    def _held(
        self, error: ProviderError, seconds: float, *, refused: bool = False
    ) -> ProviderError:
        self._hold = Hold(error, self._clock() + seconds, refused)
        renewal = Renewal.REFUSED if refused else Renewal.FAILED
        self._observer.renewed(SOURCE, renewal, caller=self._caller)
        return error


def _text(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()
