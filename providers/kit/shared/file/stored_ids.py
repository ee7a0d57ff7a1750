"""Which values the file may have, as far as this process can tell without looking."""

from collections.abc import Iterable

from providers.kit.shared.file.cursor import Cursor

# A full file has fewer than a thousand values in each MiB of its bound: they set a tenth of the
# bits. An id is a hash, and chooses its bit by itself.
FILE_BYTES_PER_BYTE, MAX_BYTES = 512, 8 * 1024 * 1024
# When this process has set so many of the bits, most of them for what is not stored any more, they
# are learned anew.
OUTDATED_SHARE = 1 / 8
# Look-ups wait for so many.
MAX_LISTED = 1000
LEAST_ID = -(2**63)

LIST = "SELECT id FROM stored_values WHERE id >= ? ORDER BY id LIMIT ?"


class StoredIds:
    """The ids of all values in the file, and perhaps of some more.

    They are what this process has written and what it has listed while no other one wrote. Nothing
    is known before the list is complete, and after another process has written.
    """

    def __init__(self, max_file_bytes: int) -> None:
        """Know nothing yet of a file of so many bytes at most."""
        self._length = min(MAX_BYTES, max(1, max_file_bytes // FILE_BYTES_PER_BYTE))
        self._known: bytearray | None = None
        self._listed: bytearray | None = None
        self._added = 0

    @property
    def is_outdated(self) -> bool:
        """Whether the ids should be listed, for the first time or again."""
        return self._known is None or self._added > self._length * 8 * OUTDATED_SHARE

    def may_be_stored(self, value_id: int) -> bool:
        """Return whether the file may have a value of this id."""
        index, bit = self._find(value_id)
        return self._known is None or bool(self._known[index] & bit)

    def add(self, value_id: int) -> None:
        """Add what this process has written."""
        index, bit = self._find(value_id)
        self._added += 1
        for bits in (self._known, self._listed):
            if bits is not None:
                bits[index] |= bit

    def begin_list(self) -> None:
        """Begin to list what is in the file; what is written meanwhile is added."""
        self._listed, self._added = bytearray(self._length), 0

    def add_listed(self, ids: Iterable[int]) -> None:
        """Add a part of the list, unless it has become incomplete."""
        if self._listed is not None:
            for value_id in ids:
                index, bit = self._find(value_id)
                self._listed[index] |= bit

    def complete_list(self) -> None:
        """Know from now on what is not in the file."""
        self._known, self._listed = self._listed, None

    def forget(self) -> None:
        """Know nothing any more, because another process has written, or of another file."""
        self._known = self._listed = None

    def _find(self, value_id: int) -> tuple[int, int]:
        return (value_id >> 3) % self._length, 1 << (value_id & 7)


def list_ids(cursor: Cursor, first: int) -> list[int]:
    """Return ids of values in the file, from the first one on, in their order."""
    return [value_id for (value_id,) in cursor.execute(LIST, (first, MAX_LISTED)).fetchall()]
