"""Contents of titles are started in batches, and each is waited for on its own."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from providers.capabilities import ContentsKey
from providers.kit.caching.cached import Cached
from providers.records import Contents, Part, Title
from resolvers.contents_batches import ContentsBatches, Load

KEYS = [ContentsKey("me", Title(native_id=each), Part.GROUPS) for each in "abc"]


class Starter:
    """Starts loads that end when they are told to."""

    def __init__(self) -> None:
        self.batches: list[Sequence[ContentsKey]] = []
        self.loads: list[Load] = []
        self.has_started = asyncio.Event()
        self.may_end = asyncio.Event()
        self.error: Exception | None = None

    async def start(self, keys: Sequence[ContentsKey]) -> list[Load]:
        self.batches.append(keys)
        if self.error is not None:
            raise self.error
        self.loads = [asyncio.ensure_future(self._load(key)) for key in keys]
        self.has_started.set()
        return self.loads

    async def _load(self, key: ContentsKey) -> Cached[Contents]:
        await self.may_end.wait()
        return Cached(Contents(title=key.title), datetime.now(UTC))


def test_keys_that_are_loaded_at_the_same_time_are_one_batch_and_equal_ones_one_load() -> None:
    async def run() -> None:
        starter = Starter()
        starter.may_end.set()
        batches = ContentsBatches(starter.start)
        found = await asyncio.gather(*map(batches.load, [*KEYS, KEYS[0]]))
        again = await batches.load(KEYS[1])

        assert starter.batches == [KEYS]
        assert found[0] is found[3]
        assert [each.value.title for each in found[:3]] == [key.title for key in KEYS]
        assert again is found[1]

    asyncio.run(run())


def test_a_load_goes_on_for_others_when_one_that_waits_is_cancelled() -> None:
    async def run() -> None:
        starter = Starter()
        batches = ContentsBatches(starter.start)
        first, second = batches.load(KEYS[0]), batches.load(KEYS[0])
        await starter.has_started.wait()
        first.cancel()
        starter.may_end.set()

        assert (await second).value.title == KEYS[0].title
        assert first.cancelled()

    asyncio.run(run())


def test_a_load_that_is_cancelled_cancels_what_waits_for_it() -> None:
    async def run() -> None:
        starter = Starter()
        waiter = ContentsBatches(starter.start).load(KEYS[0])
        await starter.has_started.wait()
        starter.loads[0].cancel()
        await asyncio.wait([waiter])

        assert waiter.cancelled()

    asyncio.run(run())


def test_the_error_of_a_batch_is_of_all_that_wait_and_the_next_batch_is_started() -> None:
    async def run() -> None:
        starter = Starter()
        starter.may_end.set()
        starter.error = ValueError("not now")
        batches = ContentsBatches(starter.start)
        cancelled = batches.load(KEYS[0])
        cancelled.cancel()
        found = await asyncio.gather(*map(batches.load, KEYS), return_exceptions=True)
        assert found == [starter.error] * 3

        starter.error = None
        assert (await batches.load(KEYS[0])).value.title == KEYS[0].title

    asyncio.run(run())


def test_the_error_of_a_load_is_its_own() -> None:
    async def fail() -> Cached[Contents]:
        raise ValueError("broken")

    async def start(keys: Sequence[ContentsKey]) -> list[Load]:
        return [asyncio.ensure_future(fail()) for _ in keys]

    async def run() -> None:
        with pytest.raises(ValueError, match="broken"):
            await ContentsBatches(start).load(KEYS[0])

    asyncio.run(run())
