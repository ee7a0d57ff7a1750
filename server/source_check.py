"""Checks of the operator's credentials: which work, as whom, with how many calls left."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from providers.capabilities import Client, HasHealth, Service
from providers.errors import ProviderError, Unauthenticated
from providers.kit.instrumentation import Instrumentation
from providers.kit.rate_limiting.rate_limiter import Budget
from providers.registry import Source
from server.commands import NPSSO_SETTING
from server.services import open_services, open_shared_services
from server.settings import Settings

FINE, NOT_CONFIGURED = "OK", "NOT_CONFIGURED"


@dataclass(frozen=True)
class SourceCheck:
    """The outcome for one source: a state, and what is known beside it."""

    source: Source
    state: str
    account: str = ""
    missing: tuple[str, ...] = ()
    problem: str = ""
    budget: Budget | None = None
    expires_at: datetime | None = None

    @property
    def is_configured(self) -> bool:
        return self.state != NOT_CONFIGURED

    def to_line(self) -> str:
        """Describe it in one line."""
        name = self.source.name
        if not self.is_configured:
            return f"{name}: not configured; set {', '.join(map(_describe_missing, self.missing))}"
        if self.state == Unauthenticated.code:
            return f"{name}: the operator must sign in again. {self.problem}"
        if self.state != FINE:
            return f"{name}: {self.state}. {self.problem}"
        parts = [f"{name}: fine"]
        if self.account:
            parts.append(f", as {_make_printable(self.account)}")
        if self.budget is not None:
            parts.append(f"; {self.budget.remaining} of {self.budget.limit} calls left")
        if self.expires_at is not None:
            parts.append(f"; signed in until {self.expires_at:%Y-%m-%d} at most")
        return "".join(parts)

    def to_json(self) -> dict[str, Any]:
        """Return the members of its JSON; null is unknown."""
        budget = self.budget
        return {
            "source": self.source.name,
            "state": self.state,
            "account": self.account or None,
            "missing": list(self.missing),
            "problem": self.problem or None,
            "callsLimit": budget and budget.limit,
            "callsLeft": budget and budget.remaining,
            "signedInUntil": self.expires_at and self.expires_at.isoformat(),
        }


async def check_sources(settings: Settings) -> list[SourceCheck]:
    """Sign in to each configured source and call it, one after the other."""
    async with _open_all(settings) as services:
        return [await _check(source, services[source], settings) for source in Source]


async def check_source(source: Source, settings: Settings) -> SourceCheck:
    """Sign in to one source and call it."""
    async with _open_all(settings) as services:
        return await _check(source, services[source], settings)


async def _check(source: Source, service: Service, settings: Settings) -> SourceCheck:
    client = service.get_operator_client()
    if client is None:
        return SourceCheck(source, NOT_CONFIGURED, missing=tuple(settings.get_missing(source)))
    try:
        account = await client.verify()
    except ProviderError as error:
        return SourceCheck(source, error.code, problem=error.message)
    await client.refresh_budget()
    return SourceCheck(
        source,
        FINE,
        account=account,
        budget=client.get_budget(),
        expires_at=_get_expiry(client),
    )


def _describe_missing(name: str) -> str:
    return f"{name} (or use `psn login`)" if name == NPSSO_SETTING else name


def _get_expiry(client: Client) -> datetime | None:
    return client.get_health().credential_expires_at if isinstance(client, HasHealth) else None


def _make_printable(text: str) -> str:
    """Escape what could control a terminal: a name is any text of the source."""
    return text if text.isprintable() else ascii(text)


@asynccontextmanager
async def _open_all(settings: Settings) -> AsyncGenerator[Mapping[Source, Service]]:
    shared = open_shared_services(settings, None, Instrumentation())
    services = open_services(shared, settings)
    async with shared.transport, shared.shared_store:
        yield services
