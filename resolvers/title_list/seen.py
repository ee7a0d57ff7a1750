"""What a walk over moving titles has behind it, small enough for a cursor.

Whatever is earned in a title moves it within its list, to the front of one that is last updated
first. After a cursor that is a place and nothing else, a title that moved across that place would
be missed, or come again. So all titles that a walk has behind it are summed up in one number. What
the number lacks, or has too much, against the titles that are before the place now, is what moved
across it. Nothing is remembered for this, and nobody is asked.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from typing import Annotated, NamedTuple

from msgspec import Meta

from providers.records import Title
from resolvers.title_list.title_list import SORTS_LAST, TitleRow, get_sort_time

# So many titles can be told apart by the sum of their shares: of 256 bits, 56 are left, so that a
# sum of other titles is taken for one of these once in 2 ** 56 times.
MAX_MOVED = 200
HASH_BYTES = 32


class SeenDigest(NamedTuple):
    """Which of one source's titles a walk has behind it, wherever they are by now.

    `began` is the newest change known when the walk began, and `since` the newest known when it
    last had behind it all that was before its place; both are sorting keys, and `since` is left out
    while it is the same. What has not changed since then has not moved. `behind` is the exclusive
    or of the titles' shares; None when it is not known, so that whatever is before the place counts
    as behind.
    """

    newest_at_start: float
    digest: Annotated[int, Meta(ge=0)] | None = None
    newest_when_complete: float | None = None

    def add(self, title: Title) -> "SeenDigest":
        """The trail with one title more behind it."""
        return self._replace(hash_xor=(self.digest or 0) ^ title_hash(title.native_id))

    def reconcile(
        self, rows: Iterable[TitleRow], is_before: Callable[[TitleRow], bool]
    ) -> tuple["SeenDigest", set[str]]:
        """The trail to go on with, and the titles that moved across the place."""
        since = (
            self.newest_at_start if self.newest_when_complete is None else self.newest_when_complete
        )
        ids_before: list[str] = []
        candidates: list[str] = []
        newer_ids: list[str] = []
        newest = since
        for row in rows:
            native_id, changed = row.title.native_id, get_sort_time(row.title.last_updated_at)
            newest = min(newest, changed)
            if is_before(row):
                ids_before.append(native_id)
                newer_ids += [native_id] if changed < since else []
            if changed <= since or changed == SORTS_LAST:
                candidates.append(native_id)
        current_digest = xor_hashes(ids_before)
        if self.digest is None or len(candidates) > MAX_MOVED:
            return self._reset(current_digest, newest), set()
        moved = solve_xor(candidates, current_digest ^ self.digest)
        if moved is None:  # a title is gone from the list: rather twice than never
            moved = set(newer_ids)
        if not moved:
            return self._reset(current_digest, newest), moved
        return self._replace(hash_xor=current_digest ^ xor_hashes(moved)), moved

    def _reset(self, digest: int, newest: float) -> "SeenDigest":
        return SeenDigest(
            self.newest_at_start, digest, None if newest == self.newest_at_start else newest
        )


def title_hash(native_id: str) -> int:
    """A title's share of a sum."""
    return int.from_bytes(blake2b(native_id.encode(), digest_size=HASH_BYTES).digest())


def xor_hashes(native_ids: Iterable[str]) -> int:
    """The sum of the shares."""
    digest = 0
    for name in native_ids:
        digest ^= title_hash(name)
    return digest


def solve_xor(native_ids: Sequence[str], target: int) -> set[str] | None:
    """Those of the names whose shares add up to a sum, by elimination; None when none do."""
    basis: dict[int, tuple[int, int]] = {}  # by its highest bit: a sum, and whose shares it is of

    def reduced(value: int, members: int) -> tuple[int, int]:
        while value and (found := basis.get(value.bit_length())):
            value, members = value ^ found[0], members ^ found[1]
        return value, members

    for place, name in enumerate(native_ids if target else ()):
        value, members = reduced(title_hash(name), 1 << place)
        basis[value.bit_length()] = value, members
    rest, members = reduced(target, 0)
    return None if rest else {name for place, name in enumerate(native_ids) if members >> place & 1}
