"""Registry of PSN's persisted operations: their names, hashes and hosts.

PSN accepts GraphQL operations only by the SHA-256 hash of their text, which is not published.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from providers.kit.upstream.text_encoding import to_utf8
from providers.psn_records import PersistedQuery

DEFAULT_REGISTRY_PATH = Path(__file__).with_name("persisted_queries.json")

Hash = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]


class PersistedOperation(Struct, frozen=True, kw_only=True, rename="camel"):
    """An operation and its hashes, the newest first."""

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
    """All operations, and the hash of each that PSN accepted last."""

    operations: tuple[PersistedOperation, ...] = field(repr=False)
    working_hashes: dict[str, str] = field(default_factory=dict[str, str], repr=False)

    @cached_property
    def queries(self) -> tuple[PersistedQuery, ...]:
        """Every operation once for each of its hashes."""
        return tuple(
            _map_query(operation, digest)
            for operation in self.operations
            for digest in operation.hashes
        )

    def find_by_name(self, name: str) -> PersistedOperation | None:
        """Return the first operation of this name; several hosts may have one."""
        return next((known for known in self.operations if known.name == name), None)

    def find_by_hash(self, digest: str) -> PersistedOperation | None:
        """Return the operation with this hash."""
        return next((known for known in self.operations if digest in known.hashes), None)

    def order_hashes(self, operation: PersistedOperation) -> Iterator[str]:
        """Return the hashes in the order to try: the one that worked last, then newest first."""
        first = self.working_hashes.get(operation.hashes[0], operation.hashes[0])
        return iter(dict.fromkeys([first, *operation.hashes]))

    def record_working_hash(self, operation: PersistedOperation, digest: str) -> None:
        """Record that PSN accepts this hash."""
        self.working_hashes[operation.hashes[0]] = digest


def _map_query(operation: PersistedOperation, digest: str) -> PersistedQuery:
    return PersistedQuery(
        name=operation.name,
        sha256_hash=digest,
        host=operation.host,
        needs_sign_in=operation.needs_sign_in,
        writes=operation.writes,
        retired=operation.retired,
    )


def load_registry(path: str) -> OperationRegistry:
    """Read the registry from `PSN_PERSISTED_QUERIES`, by default from the file shipped with it.

    Raise `ValueError` if the file cannot be read or contains a hash twice.
    """
    try:
        content = (Path(path) if path else DEFAULT_REGISTRY_PATH).read_bytes()
        operations = msgspec.json.decode(to_utf8(content), type=tuple[PersistedOperation, ...])
    except (OSError, msgspec.MsgspecError, UnicodeError) as error:
        message = (
            f"PSN_PERSISTED_QUERIES: {path or DEFAULT_REGISTRY_PATH.name} cannot be used: {error}"
        )
        raise ValueError(message) from None
    hashes = [digest for operation in operations for digest in operation.hashes]
    if len(hashes) != len(set(hashes)):
        raise ValueError(f"PSN_PERSISTED_QUERIES: {path} contains a hash twice; remove one")
    return OperationRegistry(operations)
