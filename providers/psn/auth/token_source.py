"""The ways to the next tokens, cheapest first, and where they are kept."""

import asyncio
import logging
from dataclasses import dataclass, field

from providers.psn.auth import sign_in_errors
from providers.psn.auth.grants import Grants
from providers.psn.auth.token_endpoint import Refusal
from providers.psn.auth.token_store import CommonTokens, TokenFile, Tokens
from providers.psn.identifiers import NPSSO

log = logging.getLogger(__name__)


@dataclass
class Strategies:
    """One credential's ways to tokens; those in memory apart, a file or a common store has them."""

    grants: Grants
    npsso: str | None = field(repr=False)
    file: TokenFile | None = None
    common: CommonTokens | None = None
    on_disk: Tokens | None = None

    def kept(self) -> Tokens | None:
        """The tokens of before."""
        self.on_disk = self.file.load() if self.file else None
        return self.on_disk

    async def next(self, present: Tokens | None, now: float) -> Tokens:
        """What another process has got, else by the refresh token, else by the NPSSO."""
        kept = await self._kept_elsewhere(present)
        if kept is not None and not kept.due(now):
            return kept
        tokens = kept or present
        if tokens is not None and tokens.refreshable(now):
            try:
                return await self.grants.from_refresh(tokens)
            except Refusal as refusal:
                if not sign_in_errors.outlived(refusal):
                    raise
        return await self.by_npsso(self.npsso or await self._cookie())

    async def by_npsso(self, npsso: str) -> Tokens:
        """A full sign-in: in one step where that is supported, else by an access code."""
        try:
            return await self.grants.from_npsso(npsso)
        except Refusal as refusal:
            if not sign_in_errors.unsupported(refusal):
                raise
        return await self.grants.by_code(npsso)

    async def keep(self, tokens: Tokens, now: float) -> None:
        """Put new tokens where the next process finds them."""
        if self.common is not None and tokens.usable(now):
            await self.common.save(tokens, tokens.expires_at - now)
        if self.file is None or tokens == self.on_disk:
            return
        try:
            await asyncio.to_thread(self.file.save, tokens)
            self.on_disk = tokens
        except OSError:
            log.warning("PSN's refresh token could not be kept in the state directory")

    async def _kept_elsewhere(self, present: Tokens | None) -> Tokens | None:
        """The newest tokens that another process has left; None when ours are."""
        on_disk = await asyncio.to_thread(self.kept) if self.file else None
        common = await self.common.load() if self.common else None
        known = [each for each in (present, on_disk, common) if each is not None]
        newest = max(known, key=lambda each: each.expires_at, default=None)
        return None if newest == present else newest

    async def _cookie(self) -> str:
        try:
            npsso = await self.grants.cookie()
        except Refusal:
            npsso = None
        if npsso is None or not NPSSO.fullmatch(npsso):
            raise Refusal(sign_in_errors.MISSING_NPSSO)
        return npsso
