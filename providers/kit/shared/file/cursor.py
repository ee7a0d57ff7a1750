"""What operations on the file need of a cursor of `apsw`, whose own types are incomplete."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, Self

SqlValue = int | float | str | bytes | None


class Cursor(Protocol):
    """A cursor within the transaction of a batch."""

    def execute(self, statements: str, bindings: Sequence[SqlValue] | None = None) -> Self:
        """Run statements."""
        ...

    def executemany(self, statements: str, sequence: Iterable[Sequence[SqlValue]]) -> Self:
        """Run statements once for each set of bindings."""
        ...

    def fetchone(self) -> Any:
        """Return the next row, a tuple, or None."""
        ...

    def fetchall(self) -> list[Any]:
        """Return the remaining rows."""
        ...
