"""Obtains tokens: from another process, by the refresh token or by the NPSSO, and stores them."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from providers.kit.rate_limiting.rate_limiter import RateLimiter
from providers.kit.request_context import build_timeout_error, get_current
from providers.psn.auth import sign_in_errors
from providers.psn.auth.grants import Grants
from providers.psn.auth.npsso import parse_npsso
from providers.psn.auth.token_endpoint import SignInRejected
from providers.psn.auth.token_store import SharedTokens, TokenFile, Tokens
from providers.psn.urls import SOURCE

log = logging.getLogger(__name__)


@dataclass
class TokenSource:
    """The grants of one credential, and the file and shared store that keep its tokens.

    `get_sign_in_limiter` returns the rate limiter that sign-ins with an NPSSO pass; the operator's
    pass none.
    """

    grants: Grants
    npsso: str | None = field(repr=False)
    token_file: TokenFile | None = None
    shared_tokens: SharedTokens | None = None
    tokens_on_disk: Tokens | None = None
    get_sign_in_limiter: Callable[[], RateLimiter] | None = None

    def load_from_disk(self) -> Tokens | None:
        """Return the tokens in the file, or None; raise `ValueError` if others can write it."""
        self.tokens_on_disk = self.token_file.load(self.npsso) if self.token_file else None
        return self.tokens_on_disk

    async def obtain(self, current_tokens: Tokens | None, now: float) -> Tokens:
        """Return tokens that another process has obtained, or obtain new ones.

        By the refresh token, else by the NPSSO; raise `SignInRejected` if both are rejected.
        """
        newer_tokens = await self._find_newer_tokens(current_tokens)
        if newer_tokens is not None and not newer_tokens.is_refresh_due(now):
            return newer_tokens
        tokens = newer_tokens or current_tokens
        if tokens is not None and tokens.get_live_refresh_token(now):
            try:
                return await self.grants.refresh(tokens)
            except SignInRejected as rejection:
                if not sign_in_errors.is_refresh_token_rejected(rejection):
                    raise
        return await self.sign_in_with_npsso(self.npsso or await self._fetch_session_npsso())

    async def sign_in_with_npsso(self, npsso: str) -> Tokens:
        """Sign in with an NPSSO: by the direct grant if it is supported, else by a code.

        Raise `RateLimited` or `TimedOut` if no sign-in is allowed before the request's deadline.
        """
        async with self._acquire_sign_in():
            try:
                return await self.grants.exchange_npsso(npsso)
            except SignInRejected as rejection:
                if not sign_in_errors.is_grant_unsupported(rejection):
                    raise
            return await self.grants.exchange_authorization_code(npsso)

    def start_sign_in(self, npsso: str) -> None:
        """Sign in with this NPSSO from now on, not as the person of the stored sign-in."""
        self.npsso = npsso
        if self.token_file is not None:
            self.token_file.start_sign_in()

    async def save(self, tokens: Tokens, now: float) -> None:
        """Store new tokens for other processes and for the next start; a failure is only logged."""
        if self.shared_tokens is not None and tokens.is_usable(now):
            await self.shared_tokens.save(tokens, tokens.expires_at - now)
        if self.token_file is None or tokens == self.tokens_on_disk:
            return
        try:
            await asyncio.to_thread(self.token_file.save, tokens, self.npsso)
            self.tokens_on_disk = tokens
        except (OSError, ValueError):
            log.warning("PSN's refresh token could not be stored in the state directory")

    async def _find_newer_tokens(self, current_tokens: Tokens | None) -> Tokens | None:
        """Return tokens of another process that expire later than ours, or None."""
        on_disk = await asyncio.to_thread(self._reload_from_disk) if self.token_file else None
        shared = await self.shared_tokens.load() if self.shared_tokens else None
        candidates = [tokens for tokens in (current_tokens, on_disk, shared) if tokens is not None]
        newest = max(candidates, key=lambda tokens: tokens.expires_at, default=None)
        return None if newest == current_tokens else newest

    def _reload_from_disk(self) -> Tokens | None:
        try:
            return self.load_from_disk()
        except ValueError as error:  # prevents a start, but must not stop a running server
            log.warning("PSN's stored sign-in is not used: %s", error)
            return None

    @asynccontextmanager
    async def _acquire_sign_in(self) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            if self.get_sign_in_limiter is not None:
                try:
                    async with asyncio.timeout(get_current().get_remaining_seconds()):
                        await stack.enter_async_context(self.get_sign_in_limiter().acquire())
                except TimeoutError:
                    raise build_timeout_error(SOURCE) from None
            yield

    async def _fetch_session_npsso(self) -> str:
        try:
            npsso = await self.grants.fetch_session_npsso()
        except SignInRejected:
            npsso = None
        npsso = parse_npsso(npsso or "")
        if npsso is None:
            raise SignInRejected(sign_in_errors.MISSING_NPSSO)
        return npsso
