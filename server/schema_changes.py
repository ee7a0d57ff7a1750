"""Changes of the schema that would break its clients."""

from pathlib import Path

from graphql import (
    GraphQLError,
    GraphQLSchema,
    build_schema,
    find_breaking_changes,
)

MAX_FILE_BYTES = 16 * 1024 * 1024


def list_breaking_changes(path: Path, sdl: str) -> list[str]:
    """Return a line for each change from the SDL in a file to this one that breaks a client.

    Raise `ValueError` in one line for a file that is no SDL or cannot be read.
    """
    content = _read_file(path)
    try:
        before = _build(content.decode("utf-8-sig"))
    except (GraphQLError, TypeError, ValueError):
        raise ValueError("must be a schema in SDL") from None
    changes = find_breaking_changes(before, _build(sdl))
    return sorted(f"{change.type.name}: {change.description}" for change in changes)


def _read_file(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ValueError("must not be larger than 16 MiB")
        return path.read_bytes()
    except OSError as error:
        raise ValueError(error.strerror or "cannot be read") from None


def _build(sdl: str) -> GraphQLSchema:
    # A subgraph's SDL uses directives and types that it does not define.
    return build_schema(sdl, assume_valid_sdl=True)
