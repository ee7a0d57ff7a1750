"""PSN's persisted operations: asked for by the hash of a text that PSN alone knows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from providers.errors import BadResponse, Retired
from providers.kit.upstream.upstream_client import Reply
from providers.psn import errors
from providers.psn.api import Connection
from providers.psn.persisted.models import Envelope, GraphqlError
from providers.psn.urls import SOURCE

SHIPPED = Path(__file__).with_name("persisted_queries.json")
PATH = "/api/graphql/v1/op"
# PSN names the app's version in its traffic and does not look at it.
CLIENT_VERSION = "26.4.0"

Hash = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]


class PersistedOperation(Struct, frozen=True, kw_only=True, rename="camel"):
    """An operation, and the hashes it is known by, newest first."""

    name: Annotated[str, Meta(min_length=1)]
    hashes: Annotated[tuple[Hash, ...], Meta(min_length=1)]
    host: Literal["mobile", "web"]
    client: str | None = None
    needs_sign_in: bool = True
    writes: bool = False
    retired: bool = False
    variables: dict[str, Any] = {}


@dataclass(frozen=True)
class Registry:
    """All operations, and which hash of each was last seen to work."""

    operations: tuple[PersistedOperation, ...] = field(repr=False)
    working: dict[str, str] = field(default_factory=dict[str, str], repr=False)

    def named(self, name: str) -> PersistedOperation | None:
        """The first operation of a name that several hosts may have."""
        return next((known for known in self.operations if known.name == name), None)

    def hashed(self, digest: str) -> PersistedOperation | None:
        """The operation a hash belongs to."""
        return next((known for known in self.operations if digest in known.hashes), None)

    def hashes(self, operation: PersistedOperation) -> Iterator[str]:
        """The hashes to try: the one that last worked, then the others in order."""
        first = self.working.get(operation.hashes[0])
        return iter(dict.fromkeys([first or operation.hashes[0], *operation.hashes]))

    def worked(self, operation: PersistedOperation, digest: str) -> None:
        """Remember the hash that was known upstream."""
        self.working[operation.hashes[0]] = digest


def load(path: str) -> Registry:
    """Read the registry: the one shipped, or the one a setting names."""
    try:
        content = (Path(path) if path else SHIPPED).read_bytes()
        operations = msgspec.json.decode(content, type=tuple[PersistedOperation, ...])
    except (OSError, msgspec.MsgspecError, UnicodeError) as error:
        message = f"PSN_PERSISTED_QUERIES: {path or SHIPPED.name} cannot be used: {error}"
        raise ValueError(message) from None
    hashes = [digest for operation in operations for digest in operation.hashes]
    if len(hashes) != len(set(hashes)):
        raise ValueError(f"PSN_PERSISTED_QUERIES: {path} has a hash twice")
    return Registry(operations)


@dataclass(frozen=True)
class Persisted:
    """Running persisted operations that read."""

    connection: Connection
    registry: Registry

    async def ask(self, name: str, variables: Mapping[str, object]) -> Reply:
        """The answer under whichever hash PSN still knows; `Retired` when it knows none."""
        operation = self.registry.named(name)
        if operation is None:
            raise Retired("PSN no longer answers this.", source=SOURCE)
        for digest in self.registry.hashes(operation):
            reply = await self.send(operation, digest, variables)
            if not unknown_hash(reply):
                self.registry.worked(operation, digest)
                return errors.check(reply, errors.OTHER, caller=self.connection.caller)
        raise Retired("PSN no longer answers this.", source=SOURCE)

    async def send(
        self, operation: PersistedOperation, digest: str, variables: Mapping[str, object]
    ) -> Reply:
        """One reading as PSN answers it, signed only where it must be."""
        hosts = self.connection.hosts
        base = hosts.mobile if operation.host == "mobile" else hosts.web
        params = {
            "operationName": operation.name,
            "variables": written(dict(variables)),
            "extensions": written(persisted_extensions(digest)),
        }
        connection = self.connection
        if not operation.needs_sign_in:
            unsigned = replace(connection.upstream, authority=None)
            connection = replace(connection, upstream=unsigned)
        return await connection.ask(base + PATH, params, headers(operation))


def headers(operation: PersistedOperation) -> dict[str, str]:
    """Who we are to say we are, and that no browser was tricked into this."""
    named = {"apollographql-client-name": operation.client} if operation.client else {}
    return {
        **named,
        "apollographql-client-version": CLIENT_VERSION,
        "apollo-require-preflight": "true",
        "Content-Type": "application/json",
    }


def read_errors(reply: Reply) -> list[GraphqlError]:
    """What went wrong behind an HTTP status that seldom tells."""
    try:
        return reply.decode(Envelope).errors or []
    except BadResponse:
        return []


def unknown_hash(reply: Reply) -> bool:
    """Whether PSN does not know the hash, in its newer or its older words."""
    return any(_unknown(error) for error in read_errors(reply))


def _unknown(error: GraphqlError) -> bool:
    code = error.extensions.code if error.extensions else None
    older = error.message.startswith("Query ") and error.message.endswith(" not whitelisted")
    return older or error.message == "PersistedQueryNotFound" or code == "PERSISTED_QUERY_NOT_FOUND"


def persisted_extensions(digest: str) -> dict[str, Any]:
    """The member of a request that names the text by its hash."""
    return {"persistedQuery": {"version": 1, "sha256Hash": digest}}


def written(value: object) -> str:
    """A value as JSON text."""
    return msgspec.json.encode(value).decode()
