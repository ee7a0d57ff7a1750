"""What a field may use to find its facts: the viewer and the loaders, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from providers.capabilities import Client
from providers.errors import CallerUnauthenticated, Forbidden, ProviderError
from providers.kit.idempotency import Idempotency
from providers.registry import Source
from resolvers.loaders import Loaders

ME = "me"


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
    own: bool = False

    @property
    def asked(self) -> str:
        """By what the account is asked about: its id, which one's own need not be known for."""
        return (self.handle if self.own else self.account_id or self.handle) or ""


@dataclass(frozen=True)
class Viewer:
    """Who asks: the sources as he may see them, and the accounts that are his own."""

    clients: Mapping[Source, Client]
    accounts: tuple[Account, ...] = ()
    refusals: Mapping[Source, ProviderError] = field(default_factory=dict[Source, ProviderError])
    may_write: Mapping[Source, bool] = field(default_factory=dict[Source, bool])
    refusal: ProviderError | None = None

    def speaks_for(self, source: Source) -> bool:
        """Whether the credential used for a source is the viewer's own."""
        return any(account.source is source for account in self.accounts)


@dataclass(frozen=True)
class Context:
    """One operation's viewer and loaders, and what outlives it: changes made once."""

    viewer: Viewer
    loaders: Loaders
    once: Idempotency = field(default_factory=Idempotency)
    address: str = ""

    def named(self, source: Source, handle: str) -> Account:
        """An account by the handle that somebody gave; `me` is the viewer and nobody else."""
        self.loaders.check_handle(source, handle)
        client = self.viewer.clients.get(source)
        if client and handle == client.own_handle == ME and not self.viewer.speaks_for(source):
            message = "`me` needs credentials of your own for this source."
            raise CallerUnauthenticated(message, source=source.name)
        return Account(source, handle)

    async def own_id(self, source: Source) -> str | None:
        """The viewer's own account on a source; None where the credential used is another's."""
        if not self.viewer.speaks_for(source):
            return None
        return await self.loaders.account_id(source, self.loaders.client(source).own_handle)


def needs_own(source: Source) -> CallerUnauthenticated:
    """The error of what is done only with a credential of the caller's own."""
    message = "This operation needs credentials of your own for this source."
    return CallerUnauthenticated(message, source=source.name)


def may_not_write(source: Source) -> Forbidden:
    """The error of a change that the viewer has no right to."""
    message = "Writing to this account needs an API key with scope `write`."
    return Forbidden(message, source=source.name)
