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
from resolvers.title_list.title_list import UNKNOWN, Row, moment

# So many titles can be told apart by the sum of their shares: of 256 bits, 56 are left, so that a
# sum of other titles is taken for one of these once in 2 ** 56 times.
MOST_MOVED = 200
SHARE_BYTES = 32


class Trail(NamedTuple):
    """Which of one source's titles a walk has behind it, wherever they are by now.

    `began` is the newest change known when the walk began, and `since` the newest known when it
    last had behind it all that was before its place; both are sorting keys, and `since` is left out
    while it is the same. What has not changed since then has not moved. `behind` is the exclusive
    or of the titles' shares; None when it is not known, so that whatever is before the place counts
    as behind.
    """

    began: float
    behind: Annotated[int, Meta(ge=0)] | None = None
    since: float | None = None

    def past(self, title: Title) -> "Trail":
        """The trail with one title more behind it."""
        return self._replace(behind=(self.behind or 0) ^ share(title.native_id))

    def resumed(
        self, rows: Iterable[Row], is_before: Callable[[Row], bool]
    ) -> tuple["Trail", set[str]]:
        """The trail to go on with, and the titles that moved across the place."""
        since = self.began if self.since is None else self.since
        before: list[str] = []
        suspects: list[str] = []
        newer: list[str] = []
        newest = since
        for row in rows:
            name, changed = row.title.native_id, moment(row.title.last_updated_at)
            newest = min(newest, changed)
            if is_before(row):
                before.append(name)
                newer += [name] if changed < since else []
            if changed <= since or changed == UNKNOWN:
                suspects.append(name)
        there = total(before)
        if self.behind is None or len(suspects) > MOST_MOVED:
            return self._whole(there, newest), set()
        moved = parted(suspects, there ^ self.behind)
        if moved is None:  # a title is gone from the list: rather twice than never
            moved = set(newer)
        if not moved:
            return self._whole(there, newest), moved
        return self._replace(behind=there ^ total(moved)), moved

    def _whole(self, behind: int, since: float) -> "Trail":
        return Trail(self.began, behind, None if since == self.began else since)


def share(name: str) -> int:
    """A title's share of a sum."""
    return int.from_bytes(blake2b(name.encode(), digest_size=SHARE_BYTES).digest())


def total(names: Iterable[str]) -> int:
    """The sum of the shares."""
    added = 0
    for name in names:
        added ^= share(name)
    return added


def parted(names: Sequence[str], wanted: int) -> set[str] | None:
    """Those of the names whose shares add up to a sum, by elimination; None when none do."""
    known: dict[int, tuple[int, int]] = {}  # by its highest bit: a sum, and whose shares it is of

    def reduced(value: int, members: int) -> tuple[int, int]:
        while value and (found := known.get(value.bit_length())):
            value, members = value ^ found[0], members ^ found[1]
        return value, members

    for place, name in enumerate(names if wanted else ()):
        value, members = reduced(share(name), 1 << place)
        known[value.bit_length()] = value, members
    rest, members = reduced(wanted, 0)
    return None if rest else {name for place, name in enumerate(names) if members >> place & 1}
