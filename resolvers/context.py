"""The context of one GraphQL operation: the viewer, the loaders, and the idempotency keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import msgspec
from msgspec import Struct

from providers.capabilities import Client
from providers.errors import CallerUnauthenticated, Forbidden, ProviderError
from providers.kit.idempotency import IdempotencyStore
from providers.registry import Source
from resolvers.live.live import Live
from resolvers.loaders import ME, Loaders


class AccountRef(Struct, frozen=True):
    """A reference to an account, as the query or an id names it."""

    source: Source
    handle: str


@dataclass(frozen=True)
class Owner:
    """The account that titles belong to; without a handle, they are bare definitions."""

    source: Source
    handle: str | None = None
    account_id: str = ""
    is_own: bool = False

    @cached_property
    def request_handle(self) -> str:
        """The handle for upstream calls; the own account's id is not needed for them."""
        return (self.handle if self.is_own else self.account_id or self.handle) or ""


@dataclass(frozen=True)
class Viewer:
    """The clients that the caller's credentials allow, and the accounts that they belong to."""

    clients: Mapping[Source, Client]
    accounts: tuple[AccountRef, ...] = ()
    source_errors: Mapping[Source, ProviderError] = field(
        default_factory=dict[Source, ProviderError]
    )
    can_write: Mapping[Source, bool] = field(default_factory=dict[Source, bool])
    access_error: ProviderError | None = None
    is_public: bool = False  # no identity of the operator: other players and titles alone
    # Sees the accounts that the operator lists as public, their own without what they have hidden.
    is_profile: bool = False

    @cached_property
    def identity(self) -> tuple[object, ...]:
        """What a response depends on: equal for viewers that see the same."""
        return (
            self.accounts,
            tuple((source, each.scope, each.own_account) for source, each in self.clients.items()),
            tuple(self.can_write.items()),
            tuple((source, *_identify(each)) for source, each in self.source_errors.items()),
            self.access_error and _identify(self.access_error),
            self.is_public,
            self.is_profile,
        )

    @cached_property
    def linked_sources(self) -> frozenset[str]:
        """The names of the sources of the accounts."""
        return frozenset(account.source.name for account in self.accounts)

    def has_own_credential(self, source: Source) -> bool:
        """Return whether the credential used for a source is the viewer's own."""
        return any(account.source is source for account in self.accounts)


def _identify(error: ProviderError) -> tuple[str, str]:
    return error.code, error.message


class ResolverContext(Struct, frozen=True):
    """The context that every resolver receives; the idempotency store outlives the operation."""

    viewer: Viewer
    loaders: Loaders
    idempotency: IdempotencyStore = msgspec.field(default_factory=IdempotencyStore)
    public_url: str = ""
    live: Live | None = None  # where nothing is watched, there are no subscriptions

    def validate_account(self, source: Source, handle: str) -> AccountRef:
        """Return the account of a handle in a query or an id.

        Raises `BadInput` for a handle that no account can have, and `CallerUnauthenticated` for
        `me` without credentials of the viewer's own.
        """
        self.loaders.check_handle(source, handle)
        account = AccountRef(source, handle)
        self.check_permission(account)
        return account

    def check_permission(self, account: AccountRef) -> None:
        """Raise `CallerUnauthenticated` for `me` without credentials of the viewer's own."""
        client = self.viewer.clients.get(account.source)
        if (
            client
            and account.handle == client.own_handle == ME
            and not self.viewer.has_own_credential(account.source)
        ):
            message = "`me` needs credentials of your own for this source."
            raise CallerUnauthenticated(message, source=account.source.name)

    async def get_own_account_id(self, source: Source) -> str | None:
        """Return the viewer's account id on a source; None without an own credential for it."""
        if not self.viewer.has_own_credential(source):
            return None
        return await self.loaders.load_account_id(
            source, self.loaders.get_client(source).own_handle
        )


def own_credential_required(source: Source) -> CallerUnauthenticated:
    """Return the error of an operation that needs a credential of the caller's own."""
    message = "This operation needs credentials of your own for this source."
    return CallerUnauthenticated(message, source=source.name)


def write_forbidden(source: Source) -> Forbidden:
    """Return the error of a write without the permission for it."""
    message = "Writing to this account needs an API key with scope `write`."
    return Forbidden(message, source=source.name)
