"""Marks: what this server has seen of an account, so that what is new can be told apart.

The mark of a title is its row's version and count and, once the title has been opened, the set of
what is earned in it. Sets are compared, never dates: an unlock that is synced late has an old date.

The first poll of an account stores rows alone, because opening hundreds of titles would take as
many calls. Of a title that changes before it was ever opened, the earlier set is not known. Then
what is new is chosen by the growth of its count: those earned after the last poll, and if these are
fewer, the latest of the rest, because what arrives late was earned later than most of what was
there.

A set never shrinks. What its source takes back is no event, and neither is its coming back:
otherwise a response that lacks half of an account's trophies would make all of them news.
"""

import zlib
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec
from msgspec import Struct, field

from providers.kit.shared.durable_records import MAX_CONTENT_BYTES, DurableRecords
from providers.kit.shared.record_backend import RecordKind
from providers.records import Achievement, Title, UnlockMode
from resolvers.live.unlock_event import FoundUnlock, WatchKey, trim_title

# How much later than this server's clock a source may date what it showed at the last poll.
CLOCK_TOLERANCE = 2.0
MAX_ATTEMPTS = 3
MARKS = RecordKind("live.marks", seconds=365 * 86_400, max_per_owner=1)
HARDCORE_SUFFIX = "\nHARDCORE"


class TitleMark(Struct):
    """What was seen of a title; `earned` is None while it was not opened.

    `version` is that of its unlocks, `row_version` that of its whole row, both as its row tells.
    `seen_at` is in seconds since 1970. `attempts` counts the times that it had fewer unlocks than
    its row counts.
    """

    version: str | None = None
    row_version: str | None = None
    count: int | None = None
    earned: list[str] | None = None
    seen_at: float = 0
    attempts: int = 0

    @classmethod
    def from_row(cls, row: Title, earned: list[str] | None, now: float) -> "TitleMark":
        """Build the mark of a title that is seen now."""
        return cls(row.unlock_version, row.earned_version, row.earned_count, earned, now)


class Marks(Struct):
    """What was seen of an account; untitled achievements are under the title ``""``."""

    titles: dict[str, TitleMark] = field(default_factory=dict[str, TitleMark])

    def has_changed(self, row: Title) -> bool:
        """Return whether a title's row differs from the one seen last."""
        mark = self.titles.get(row.native_id)
        if mark is None or mark.attempts:
            return True
        # A list that lacks the counts this time is compared by the rest.
        if row.unlock_version is not None and mark.version is not None:
            return row.unlock_version != mark.version
        is_counted = None not in (row.earned_count, mark.count)
        if is_counted and row.earned_count != mark.count:
            return True
        return row.earned_version != mark.row_version

    def store_row(self, row: Title, now: float) -> None:
        """Store a row of the first poll, without opening the title."""
        self.titles[row.native_id] = TitleMark.from_row(row, None, now)

    def compare(
        self, row: Title | None, achievements: Iterable[Achievement], now: float
    ) -> list[FoundUnlock]:
        """Return what is new among the achievements of a title, and store that it was seen."""
        earned = [each for each in achievements if each.earned]
        name = row.native_id if row else ""
        mark = self.titles.get(name)
        if mark is None or mark.earned is not None:
            new = _select_unknown(earned, set((mark and mark.earned) or ()))
        else:
            new = _select_by_growth(earned, mark)
        self.titles[name] = _build_mark(row, earned, mark, now)
        title = trim_title(row) if row else None
        return [_build_unlock(each, title) for each in sorted(new, key=_get_time)]

    def forget_sets(self) -> bool:
        """Forget half of the sets, those of the longest unchanged titles; return if there are any.

        The set of the achievements without a title stays.
        """
        opened = [mark for name, mark in self.titles.items() if name and mark.earned is not None]
        opened.sort(key=lambda mark: mark.seen_at)
        for mark in opened[: (len(opened) + 1) // 2]:
            mark.earned = None
        return bool(opened)

    def is_unopened(self, row: Title) -> bool:
        """Return whether something is earned in a title, and what is not known."""
        mark = self.titles.get(row.native_id)
        return mark is not None and mark.earned is None and bool(row.earned_count)

    def add(self, unlock: FoundUnlock) -> None:
        """Store an unlock that was found in another way, if the title's set is known."""
        mark = self.titles.get(unlock.title.native_id if unlock.title else "")
        key = _build_key(unlock.achievement_id, unlock.mode)
        if mark is not None and mark.earned is not None and key not in mark.earned:
            mark.earned.append(key)


class MarkStore:
    """The marks of all accounts, which outlast a restart."""

    def __init__(self, records: DurableRecords) -> None:
        self._records = records
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(Marks)

    async def load(self, key: WatchKey) -> Marks | None:
        """Return an account's marks; None for an account that was never seen."""
        content = await self._records.get(MARKS, key.owner)
        try:
            return None if content is None else self._decoder.decode(zlib.decompress(content))
        except (msgspec.DecodeError, zlib.error):  # of another version
            return None

    async def save(self, key: WatchKey, marks: Marks) -> None:
        """Store an account's marks; without the sets of the longest unchanged titles if need be."""
        while True:
            content = zlib.compress(self._encoder.encode(marks))
            if len(content) <= MAX_CONTENT_BYTES or not marks.forget_sets():
                break
        await self._records.set(MARKS, key.owner, "", content)


def _build_mark(
    row: Title | None, earned: list[Achievement], mark: TitleMark | None, now: float
) -> TitleMark:
    keys = dict[str, None].fromkeys((mark.earned if mark else None) or ())
    keys |= {_get_key(each): None for each in earned}
    if row is None:
        return TitleMark(count=len(earned), earned=list(keys), seen_at=now)
    # The row may be newer than the list of achievements: then the title is opened again.
    is_behind = row.earned_count is not None and len(earned) < row.earned_count
    attempts = min(mark.attempts if mark else 0, MAX_ATTEMPTS) + 1 if is_behind else 0
    if attempts >= MAX_ATTEMPTS:  # the source contradicts itself for good
        attempts = 0
    built = TitleMark.from_row(row, list(keys), now)
    built.attempts = attempts
    return built


def _select_unknown(earned: list[Achievement], known: set[str]) -> list[Achievement]:
    return [
        each
        for each in earned
        # After a hardcore unlock the softcore one is no news.
        if _get_key(each) not in known and each.native_id + HARDCORE_SUFFIX not in known
    ]


def _select_by_growth(earned: list[Achievement], mark: TitleMark) -> list[Achievement]:
    """Return what is likely to be new in a title of which only the earlier count is known."""
    repeated = [each for each in earned if _was_repeated_after(each, mark.seen_at)]
    growth = max(0, len(earned) - mark.count) if mark.count is not None else len(earned)
    rest = [each for each in earned if each not in repeated]
    latest = sorted(rest, key=_get_time, reverse=True)
    if mark.count is None:
        return [*repeated, *(each for each in latest if _is_after(each, mark.seen_at))]
    return [*repeated, *latest[:growth]]


def _was_repeated_after(achievement: Achievement, moment: float) -> bool:
    """Return whether a softcore unlock was repeated in hardcore mode after a moment."""
    softcore = achievement.earned_at_softcore
    return (
        achievement.unlock_mode is UnlockMode.HARDCORE
        and softcore is not None
        and achievement.earned_at is not None
        and softcore < achievement.earned_at
        and softcore.timestamp() <= moment < achievement.earned_at.timestamp() + CLOCK_TOLERANCE
    )


def _is_after(achievement: Achievement, moment: float) -> bool:
    earned_at = achievement.earned_at
    return earned_at is not None and earned_at.timestamp() + CLOCK_TOLERANCE > moment


def _get_time(achievement: Achievement) -> datetime:
    return achievement.earned_at or datetime.fromtimestamp(0, UTC)


def _get_key(achievement: Achievement) -> str:
    return _build_key(achievement.native_id, achievement.unlock_mode)


def _build_key(achievement_id: str, mode: UnlockMode | None) -> str:
    return achievement_id + (HARDCORE_SUFFIX if mode is UnlockMode.HARDCORE else "")


def _build_unlock(achievement: Achievement, title: Title | None) -> FoundUnlock:
    return FoundUnlock(
        achievement_id=achievement.native_id,
        title=title,
        mode=achievement.unlock_mode,
        earned_at=achievement.earned_at,
    )
