"""PSN's persisted operations: asked for by the hash of a text that PSN alone knows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from providers.errors import BadResponse, SourceRetired
from providers.kit.upstream.upstream_client import UpstreamResponse
from providers.psn import errors
from providers.psn.api import PsnApi
from providers.psn.persisted.models import GraphqlError, GraphqlErrorsResponse
from providers.psn.urls import SOURCE

DEFAULT_REGISTRY_PATH = Path(__file__).with_name("persisted_queries.json")
GRAPHQL_PATH = "/api/graphql/v1/op"
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
class OperationRegistry:
    """All operations, and which hash of each was last seen to work."""

    operations: tuple[PersistedOperation, ...] = field(repr=False)
    working_hashes: dict[str, str] = field(default_factory=dict[str, str], repr=False)

    def find_by_name(self, name: str) -> PersistedOperation | None:
        """The first operation of a name that several hosts may have."""
        return next((known for known in self.operations if known.name == name), None)

    def find_by_hash(self, digest: str) -> PersistedOperation | None:
        """The operation a hash belongs to."""
        return next((known for known in self.operations if digest in known.hashes), None)

    def order_hashes(self, operation: PersistedOperation) -> Iterator[str]:
        """The hashes to try: the one that last worked, then the others in order."""
        first = self.working_hashes.get(operation.hashes[0])
        return iter(dict.fromkeys([first or operation.hashes[0], *operation.hashes]))

    def record_working_hash(self, operation: PersistedOperation, digest: str) -> None:
        """Remember the hash that was known upstream."""
        self.working_hashes[operation.hashes[0]] = digest


def load_registry(path: str) -> OperationRegistry:
    """Read the registry: the one shipped, or the one a setting names."""
    try:
        content = (Path(path) if path else DEFAULT_REGISTRY_PATH).read_bytes()
        operations = msgspec.json.decode(content, type=tuple[PersistedOperation, ...])
    except (OSError, msgspec.MsgspecError, UnicodeError) as error:
        message = (
            f"PSN_PERSISTED_QUERIES: {path or DEFAULT_REGISTRY_PATH.name} cannot be used: {error}"
        )
        raise ValueError(message) from None
    hashes = [digest for operation in operations for digest in operation.hashes]
    if len(hashes) != len(set(hashes)):
        raise ValueError(f"PSN_PERSISTED_QUERIES: {path} has a hash twice")
    return OperationRegistry(operations)


@dataclass(frozen=True)
class PersistedOperations:
    """Running persisted operations that read."""

    api: PsnApi
    registry: OperationRegistry

    async def run(self, name: str, variables: Mapping[str, object]) -> UpstreamResponse:
        """The answer under whichever hash PSN still knows; `Retired` when it knows none."""
        operation = self.registry.find_by_name(name)
        if operation is None:
            raise SourceRetired("PSN no longer answers this.", source=SOURCE)
        for digest in self.registry.order_hashes(operation):
            reply = await self.send(operation, digest, variables)
            if not is_unknown_hash(reply):
                self.registry.record_working_hash(operation, digest)
                return errors.check(reply, errors.DEFAULT_RULES, is_caller=self.api.is_caller)
        raise SourceRetired("PSN no longer answers this.", source=SOURCE)

    async def send(
        self, operation: PersistedOperation, digest: str, variables: Mapping[str, object]
    ) -> UpstreamResponse:
        """One reading as PSN answers it, signed only where it must be."""
        hosts = self.api.urls
        base = hosts.mobile if operation.host == "mobile" else hosts.web
        params = {
            "operationName": operation.name,
            "variables": encode_json(dict(variables)),
            "extensions": encode_json(build_extensions(digest)),
        }
        api = self.api
        if not operation.needs_sign_in:
            unsigned = replace(api.upstream, authenticator=None)
            api = replace(api, upstream=unsigned)
        return await api.get_unchecked(base + GRAPHQL_PATH, params, build_headers(operation))


def build_headers(operation: PersistedOperation) -> dict[str, str]:
    """Who we are to say we are, and that no browser was tricked into this."""
    client_name = {"apollographql-client-name": operation.client} if operation.client else {}
    return {
        **client_name,
        "apollographql-client-version": CLIENT_VERSION,
        "apollo-require-preflight": "true",
        "Content-Type": "application/json",
    }


def read_errors(reply: UpstreamResponse) -> list[GraphqlError]:
    """What went wrong behind an HTTP status that seldom tells."""
    try:
        return reply.decode(GraphqlErrorsResponse).errors or []
    except BadResponse:
        return []


def is_unknown_hash(reply: UpstreamResponse) -> bool:
    """Whether PSN does not know the hash, in its newer or its older words."""
    return any(_means_unknown_hash(error) for error in read_errors(reply))


def _means_unknown_hash(error: GraphqlError) -> bool:
    code = error.extensions.code if error.extensions else None
    is_older_wording = error.message.startswith("Query ") and error.message.endswith(
        " not whitelisted"
    )
    return (
        is_older_wording
        or error.message == "PersistedQueryNotFound"
        or code == "PERSISTED_QUERY_NOT_FOUND"
    )


def build_extensions(digest: str) -> dict[str, Any]:
    """The member of a request that names the text by its hash."""
    return {"persistedQuery": {"version": 1, "sha256Hash": digest}}


def encode_json(value: object) -> str:
    """A value as JSON text."""
    return msgspec.json.encode(value).decode()
