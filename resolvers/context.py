"""What a field may use to find its facts: the viewer and the loaders, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from providers.abilities import Client
from providers.errors import ProviderError
from providers.kit.idempotency import Idempotency
from providers.registry import Source
from resolvers.loaders import Loaders


@dataclass(frozen=True)
class Account:
    """One account as somebody named it."""

    source: Source
    handle: str


@dataclass(frozen=True)
class Shelf:
    """Whose titles they are: an account with its id, or nobody's, for bare definitions."""

    source: Source
    handle: str | None = None
    account_id: str = ""


@dataclass(frozen=True)
class Viewer:
    """Who asks: the sources as he may see them, and the accounts that are his own."""

    clients: Mapping[Source, Client]
    accounts: tuple[Account, ...] = ()
    refusals: Mapping[Source, ProviderError] = field(default_factory=dict[Source, ProviderError])
    may_write: Mapping[Source, bool] = field(default_factory=dict[Source, bool])
    refusal: ProviderError | None = None


@dataclass(frozen=True)
class Context:
    """One operation's viewer and loaders, and what outlives it: changes made once."""

    viewer: Viewer
    loaders: Loaders
    once: Idempotency = field(default_factory=Idempotency)
    address: str = ""
