"""Signs requests with one credential's access token, and renews it once for all who wait."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from providers.capabilities import Health
from providers.errors import BadInput, ProviderError, RateLimited, UpstreamFailed
from providers.kit.detached_task import start_detached, wait_until_deadline
from providers.kit.instrumentation import Instrumentation, RenewalOutcome
from providers.kit.request_context import build_timeout_error
from providers.kit.shared.shared_store import SharedStore
from providers.kit.upstream.credential_registry import CredentialRegistry
from providers.psn.auth import sign_in_errors
from providers.psn.auth.npsso import NPSSO_PAGE, find_npsso
from providers.psn.auth.token_endpoint import DEFAULT_PAUSE_SECONDS, SignInRejected
from providers.psn.auth.token_source import TokenSource
from providers.psn.auth.token_store import Tokens
from providers.psn.urls import SOURCE

FAILURE_PAUSE_SECONDS = 5
LOCK_TTL_SECONDS = 5.0
# If a token this new is rejected, the next one would be rejected as well.
MIN_RENEWAL_INTERVAL_SECONDS = 30

Obtain = Callable[[], Awaitable[Tokens]]


@dataclass(frozen=True)
class CachedFailure:
    """An error that is raised again until `expires_at`, so that PSN receives no more requests."""

    error: ProviderError
    expires_at: float
    is_rejected: bool


class SignIn:
    """The tokens of one credential; the `UpstreamAuthenticator` of its requests."""

    def __init__(
        self,
        token_source: TokenSource,
        *,
        is_caller: bool,
        clock: Callable[[], float] = time.time,
        instrumentation: Instrumentation | None = None,
        shared_store: SharedStore | None = None,
        scope: str = "",
        credentials: CredentialRegistry | None = None,
    ) -> None:
        self._credentials = credentials or CredentialRegistry()
        self._shared_store = shared_store or SharedStore()
        self._scope = scope
        self._instrumentation = instrumentation or Instrumentation()
        self._token_source = token_source
        self._is_caller = is_caller
        self._clock = clock
        self._tokens = token_source.load_from_disk()
        self._renewal_task: asyncio.Task[Tokens] | None = None
        self._cached_failure: CachedFailure | None = None
        self._renewed_at = 0.0

    @property
    def is_idle(self) -> bool:
        """Return whether there are neither tokens nor a renewal that is running."""
        return self._tokens is None and self._renewal_task is None

    @property
    def is_signed_in(self) -> bool:
        """Return whether there is an access token that has not expired."""
        return self._tokens is not None and self._tokens.is_usable(self._clock())

    async def build_headers(self) -> Mapping[str, str]:
        """Return the `Authorization` header."""
        tokens = self._tokens
        if tokens is None or tokens.is_refresh_due(self._clock()):
            tokens = await self._get_usable_tokens()
        if self._is_caller:
            self._credentials.record_accepted(SOURCE, self._scope)
        # The game list rejects the token type in lower case, as `token_type` spells it.
        return {"Authorization": f"Bearer {tokens.access}"}

    async def renew(self, rejected_headers: Mapping[str, str]) -> bool:
        """Renew the tokens after a 401, once for all requests that sent the same token.

        Return whether to repeat the request: there is another token than the rejected one.
        """
        tokens = self._tokens
        if (
            tokens is not None
            and rejected_headers.get("Authorization") != f"Bearer {tokens.access}"
        ):
            return True
        if (
            self._renewal_task is None
            and self._clock() - self._renewed_at < MIN_RENEWAL_INTERVAL_SECONDS
        ):
            return False
        await self._obtain_tokens()
        self._renewed_at = self._clock()
        return True

    async def get_tokens(self) -> dict[str, str | None]:
        """Return the tokens in clear text and their ends, for the operator's own use."""
        tokens = await self._get_usable_tokens()
        return {
            "access_token": tokens.access,
            "expires_at": _format_timestamp(tokens.expires_at),
            "refresh_token": tokens.refresh,
            "refresh_expires_at": _format_timestamp(tokens.refresh_expires_at),
        }

    async def sign_in_with(self, text: str) -> None:
        """Sign in with the NPSSO in a pasted text and store the tokens; `BadInput` without one."""
        npsso = find_npsso(text)
        if npsso is None:
            message = f"npsso must be 64 letters and digits, or the JSON that {NPSSO_PAGE} shows."
            raise BadInput(message, argument="npsso", source=SOURCE)
        if self._renewal_task is not None:
            await asyncio.wait({self._renewal_task})
        self._cached_failure = None
        self._token_source.start_sign_in(npsso)
        await self._run_single_flight(lambda: self._token_source.sign_in_with_npsso(npsso))

    def get_health(self) -> Health:
        """Return the current failure, if any, and when the refresh token expires."""
        cached_failure = self._cached_failure
        is_failing = cached_failure is not None and (
            cached_failure.is_rejected or self._clock() < cached_failure.expires_at
        )
        expires_at = self._tokens.refresh_expires_at if self._tokens else None
        return Health(
            error=cached_failure.error if cached_failure and is_failing else None,
            credential_expires_at=None
            if expires_at is None
            else datetime.fromtimestamp(expires_at, UTC),
        )

    async def _get_usable_tokens(self) -> Tokens:
        tokens, now = self._tokens, self._clock()
        if tokens is not None and not tokens.is_refresh_due(now):
            return tokens
        try:
            return await self._obtain_tokens()
        except ProviderError:
            if tokens is None or not tokens.is_usable(now):
                raise
            return tokens

    async def _obtain_tokens(self) -> Tokens:
        cached_failure = self._cached_failure
        if cached_failure is not None and self._clock() < cached_failure.expires_at:
            raise cached_failure.error.with_traceback(None)
        return await self._run_single_flight(
            lambda: self._token_source.obtain(self._tokens, self._clock())
        )

    async def _run_single_flight(self, obtain: Obtain) -> Tokens:
        if self._renewal_task is None:
            # Detached: cancelling it would lose a refresh token that PSN has rotated already.
            self._renewal_task = start_detached(self._obtain_under_lock(obtain))
            self._renewal_task.add_done_callback(self._clear_renewal_task)
            self._instrumentation.track(self._renewal_task)
        task = self._renewal_task
        if not await wait_until_deadline(task):
            raise build_timeout_error(SOURCE)
        return task.result()

    def _clear_renewal_task(self, _: "asyncio.Task[Tokens]") -> None:
        self._renewal_task = None

    async def _obtain_under_lock(self, obtain: Obtain) -> Tokens:
        # One process at a time: the second one finds the tokens of the first.
        async with self._shared_store.lock(f"PSN.sign_in.{self._scope}", ttl=LOCK_TTL_SECONDS):
            return await self._obtain_and_save(obtain)

    async def _obtain_and_save(self, obtain: Obtain) -> Tokens:
        try:
            tokens = await obtain()
        except SignInRejected as rejection:
            error = sign_in_errors.map_rejection(rejection, is_caller=self._is_caller)
            if not self.is_signed_in:
                self._credentials.record_rejected(SOURCE, self._scope)
            raise self._cache_failure(error, DEFAULT_PAUSE_SECONDS, is_rejected=True) from None
        except RateLimited as error:
            raise self._cache_failure(error, error.retry_after or DEFAULT_PAUSE_SECONDS) from None
        except UpstreamFailed as error:
            raise self._cache_failure(error, FAILURE_PAUSE_SECONDS) from None
        await self._token_source.save(tokens, self._clock())
        self._tokens, self._cached_failure = tokens, None
        self._instrumentation.on_renewal(SOURCE, RenewalOutcome.DONE, caller=self._is_caller)
        return tokens

    def _cache_failure(
        self, error: ProviderError, seconds: float, *, is_rejected: bool = False
    ) -> ProviderError:
        self._cached_failure = CachedFailure(error, self._clock() + seconds, is_rejected)
        outcome = RenewalOutcome.REJECTED if is_rejected else RenewalOutcome.FAILED
        self._instrumentation.on_renewal(SOURCE, outcome, caller=self._is_caller)
        return error


def _format_timestamp(timestamp: float | None) -> str | None:
    return None if timestamp is None else datetime.fromtimestamp(timestamp, UTC).isoformat()
