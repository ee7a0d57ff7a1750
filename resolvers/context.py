"""What a field may use to find its facts: the viewer and the loaders, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from providers.capabilities import Client
from providers.errors import CallerUnauthenticated, Forbidden, ProviderError
from providers.kit.idempotency import IdempotencyStore
from providers.registry import Source
from resolvers.loaders import Loaders

ME = "me"


@dataclass(frozen=True)
class AccountRef:
    """One account as somebody named it."""

    source: Source
    handle: str


@dataclass(frozen=True)
class Owner:
    """Whose titles they are: an account with its id, or nobody's, for bare definitions."""

    source: Source
    handle: str | None = None
    account_id: str = ""
    is_own: bool = False

    @property
    def request_handle(self) -> str:
        """By what the account is asked about: its id, which one's own need not be known for."""
        return (self.handle if self.is_own else self.account_id or self.handle) or ""


@dataclass(frozen=True)
class Viewer:
    """Who asks: the sources as he may see them, and the accounts that are his own."""

    clients: Mapping[Source, Client]
    accounts: tuple[AccountRef, ...] = ()
    source_errors: Mapping[Source, ProviderError] = field(
        default_factory=dict[Source, ProviderError]
    )
    can_write: Mapping[Source, bool] = field(default_factory=dict[Source, bool])
    access_error: ProviderError | None = None

    def has_own_credential(self, source: Source) -> bool:
        """Whether the credential used for a source is the viewer's own."""
        return any(account.source is source for account in self.accounts)


@dataclass(frozen=True)
class ResolverContext:
    """One operation's viewer and loaders, and what outlives it: changes made once."""

    viewer: Viewer
    loaders: Loaders
    idempotency: IdempotencyStore = field(default_factory=IdempotencyStore)
    public_url: str = ""

    def validate_account(self, source: Source, handle: str) -> AccountRef:
        """An account by the handle that somebody gave; `me` is the viewer and nobody else."""
        self.loaders.check_handle(source, handle)
        client = self.viewer.clients.get(source)
        if (
            client
            and handle == client.own_handle == ME
            and not self.viewer.has_own_credential(source)
        ):
            message = "`me` needs credentials of your own for this source."
            raise CallerUnauthenticated(message, source=source.name)
        return AccountRef(source, handle)

    async def get_own_account_id(self, source: Source) -> str | None:
        """The viewer's own account on a source; None where the credential used is another's."""
        if not self.viewer.has_own_credential(source):
            return None
        return await self.loaders.load_account_id(
            source, self.loaders.get_client(source).own_handle
        )


def own_credential_required(source: Source) -> CallerUnauthenticated:
    """The error of what is done only with a credential of the caller's own."""
    message = "This operation needs credentials of your own for this source."
    return CallerUnauthenticated(message, source=source.name)


def write_forbidden(source: Source) -> Forbidden:
    """The error of a change that the viewer has no right to."""
    message = "Writing to this account needs an API key with scope `write`."
    return Forbidden(message, source=source.name)
