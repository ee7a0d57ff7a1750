"""XOR digest of the titles that a scan has shown, short enough for a cursor.

An unlock moves its title within the list, to the front of one that is ordered by last update. With
a cursor that is a position only, a title that moves across the position would be missed or shown
twice. So the cursor also contains the digest of all titles shown, which tells what moved.
"""

from collections.abc import Callable, Iterable
from typing import Annotated, NamedTuple

from msgspec import Meta

from providers.records import Title
from resolvers.seen_rows import MAX_MOVED, hash_id, solve_xor, xor_hashes
from resolvers.title_list.title_list import SORTS_LAST, TitleRow, get_sort_time


class SeenDigest(NamedTuple):
    """The titles of one source that a scan has shown, wherever they are now.

    `newest_at_start` is the sort time of the newest change when the scan started, and
    `newest_when_complete` that when the scan last had shown exactly what is before its position;
    None while the two are the same. A title without a change since then has not moved. `digest` is
    None if it is not known; everything before the position then counts as shown.
    """

    newest_at_start: float
    digest: Annotated[int, Meta(ge=0)] | None = None
    newest_when_complete: float | None = None

    def add(self, title: Title) -> "SeenDigest":
        """Return the digest with one more title."""
        digest = (self.digest or 0) ^ hash_id(title.native_id)
        return SeenDigest(self.newest_at_start, digest, self.newest_when_complete)

    def reconcile(
        self, rows: Iterable[TitleRow], is_before: Callable[[TitleRow], bool]
    ) -> tuple["SeenDigest", set[str]]:
        """Return the digest to continue with, and the titles that moved across the position."""
        since = (
            self.newest_at_start if self.newest_when_complete is None else self.newest_when_complete
        )
        ids_before: list[str] = []
        candidates: list[str] = []
        newer_ids: list[str] = []
        newest = since
        for row in rows:
            native_id, changed = row.title.native_id, get_sort_time(row.title.sort_moment)
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
        if moved is None:  # a title is gone from the list; better to repeat some than to miss one
            moved = set(newer_ids)
        if not moved:
            return self._reset(current_digest, newest), moved
        return self._replace(digest=current_digest ^ xor_hashes(moved)), moved

    def _reset(self, digest: int, newest: float) -> "SeenDigest":
        return SeenDigest(
            self.newest_at_start, digest, None if newest == self.newest_at_start else newest
        )
