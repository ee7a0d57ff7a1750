"""Dropping what a change has made untrue."""

from collections.abc import Iterable
from typing import Any

from providers.kit.cache import Kind
from providers.psn.connection import Connection


async def forget(connection: Connection, kind: Kind[Any], keys: Iterable[tuple[str, ...]]) -> None:
    """Drop facts of one kind, as the connection's viewer knows them."""
    for key in keys:
        connection.kit.cache.forget(kind, connection.upstream.scope, key)
