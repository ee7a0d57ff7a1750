"""One watched account: a poll looks at it once, and publishes what is new."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from providers.records import Achievement, Title
from resolvers.live.account_reader import AccountReader
from resolvers.live.feed import Feed
from resolvers.live.marks import Marks, MarkStore
from resolvers.live.unlock_event import DetectedBy, FoundUnlock, WatchKey

# The next poll opens the rest.
MAX_OPENED_TITLES = 10
# The first titles of a list are opened once, each by a poll that finds no change: they are the
# likeliest to change, and then their earlier sets are known.
LEARNED_TITLES = 3
# The list is read to its end by each of so many polls: what is synced late may move no title.
WHOLE_LIST_POLLS = 15
# Marks that do not change are stored again, because the oldest of all accounts are deleted first.
SAVE_SECONDS = 86_400.0


@dataclass
class Watcher:
    """The polls of one account, one at a time.

    Unlocks are published before the marks are stored: after a crash in between, the log has them.
    `has_more` tells that the last poll has left changed titles unopened.
    """

    key: WatchKey
    mark_store: MarkStore
    feed: Feed
    has_more: bool = False
    _poll_count: int = 0
    _save_at: float = float("-inf")
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def poll(self, reader: AccountReader) -> bool:
        """Look at the account once, and return whether anything was new.

        The first poll publishes nothing. Raise a `ProviderError` if the source fails: what was
        found until then is published, and a later poll finds the rest.
        """
        async with self._lock:
            marks = await self.mark_store.load(self.key)
            if marks is None:
                await self._store_baseline(reader)
                return False
            self._poll_count += 1
            is_whole = self._poll_count % WHOLE_LIST_POLLS == 0
            rows = await reader.read_rows(None if is_whole else marks)
            untitled = await reader.read_untitled()
            changed = [row for row in rows if marks.has_changed(row)]
            self.has_more = len(changed) > MAX_OPENED_TITLES
            if untitled is None and not changed:
                await self._learn(reader, marks, rows[:LEARNED_TITLES])
            if time.monotonic() >= self._save_at:
                await self._save(marks)
            is_new = untitled is not None and await self._compare(marks, None, untitled)
            try:
                for row in reversed(changed[:MAX_OPENED_TITLES]):  # the oldest change first
                    is_new |= await self._open(reader, marks, row)
            finally:
                if changed or is_new:
                    await self._save(marks)
            return is_new

    async def record(self, unlock: FoundUnlock, detected_by: DetectedBy) -> None:
        """Publish an unlock that was not found by a poll, so that no poll finds it again."""
        async with self._lock:
            await self.feed.publish(self.key, [unlock], detected_by)
            marks = await self.mark_store.load(self.key)
            if marks is not None:
                marks.add(unlock)
                await self._save(marks)

    async def _save(self, marks: Marks) -> None:
        await self.mark_store.save(self.key, marks)
        self._save_at = time.monotonic() + SAVE_SECONDS

    async def _store_baseline(self, reader: AccountReader) -> None:
        marks, now = Marks(), time.time()
        for row in await reader.read_rows(None):
            marks.store_row(row, now)
        untitled = await reader.read_untitled()
        if untitled is not None:
            marks.compare(None, untitled, now)
        await self._save(marks)

    async def _open(self, reader: AccountReader, marks: Marks, row: Title) -> bool:
        now = time.time()
        achievements = await reader.read_earned(row)
        if achievements is None:
            marks.store_row(row, now)
            return False
        return await self._compare(marks, row, achievements)

    async def _compare(
        self, marks: Marks, row: Title | None, achievements: Sequence[Achievement]
    ) -> bool:
        unlocks = marks.compare(row, achievements, time.time())
        return bool(await self.feed.publish(self.key, unlocks, DetectedBy.POLL))

    async def _learn(self, reader: AccountReader, marks: Marks, rows: Sequence[Title]) -> None:
        """Open one title whose set is not known; leave an unlock since its listing to a poll."""
        row = next((each for each in rows if marks.is_unopened(each)), None)
        achievements = await reader.read_earned(row) if row else None
        if row is None or achievements is None:
            return
        if sum(bool(each.earned) for each in achievements) == row.earned_count:
            marks.compare(row, achievements, time.time())
            await self._save(marks)
