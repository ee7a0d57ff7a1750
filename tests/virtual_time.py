"""An event loop and a monotonic clock whose time passes only while every task waits.

A test waits out a deadline of ten seconds at once, and none is reached because the machine is busy.
"""

import asyncio
import selectors
import time
from collections.abc import Callable, Coroutine, Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from providers.kit.shared.file.worker_thread import WorkerThread

T = TypeVar("T")


@dataclass
class VirtualClock:
    """A clock in seconds, advanced only by the loops that share it."""

    now: float = field(default_factory=time.monotonic)


class _VirtualTimeSelector(selectors.DefaultSelector):
    """Advances the clock to the next timer instead of blocking until it is due."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self.clock = clock
        self.pending_threads = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        # A thread takes real time; it wakes the loop when it is done.
        ready = super().select(None if self.pending_threads else 0)
        if not ready:
            self.clock.now += timeout
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop on a virtual clock, for code that does no real input or output.

    Work takes no time and a wait takes exactly the seconds that were asked for. With equally slow
    upstream calls the time of a response is the number of calls that had to wait for each other.
    """

    def __init__(self, clock: VirtualClock | None = None) -> None:
        self.clock = clock or VirtualClock()
        self._virtual_selector = _VirtualTimeSelector(self.clock)
        super().__init__(self._virtual_selector)

    def time(self) -> float:
        """Return the seconds of the virtual clock."""
        return self.clock.now

    def run_in_executor(
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> "asyncio.Future[Any]":
        """Run in a thread, during which the clock stands still."""
        future = super().run_in_executor(executor, func, *args)
        self.wait_for_thread(future)
        return future

    def wait_for_thread(self, future: "asyncio.Future[Any]") -> None:
        """Let the clock stand still until a thread has set the result of a future."""
        self._virtual_selector.pending_threads += 1
        future.add_done_callback(self._count_finished_thread)

    async def shutdown_default_executor(self, *_timeout: float | None) -> None:
        """Wait for the threads as long as they take."""
        self._virtual_selector.pending_threads += 1
        await super().shutdown_default_executor()
        self._virtual_selector.pending_threads -= 1

    def _count_finished_thread(self, _future: "asyncio.Future[Any]") -> None:
        self._virtual_selector.pending_threads -= 1


_clocks: list[VirtualClock] = []
_read_real_clock = time.monotonic
_run_in_real_thread = WorkerThread.run


def _read_clock() -> float:
    return _clocks[-1].now if _clocks else _read_real_clock()


def _run_in_thread(self: WorkerThread, function: Callable[[], T]) -> "asyncio.Future[T]":
    future = _run_in_real_thread(self, function)
    loop = asyncio.get_running_loop()
    if isinstance(loop, VirtualTimeLoop):
        loop.wait_for_thread(future)
    return future


# For good, because a test that replaces it as well restores what it found.
time.monotonic = _read_clock
WorkerThread.run = _run_in_thread


def use_virtual_time() -> AbstractContextManager[VirtualClock]:
    """Let `time.monotonic` read a virtual clock until the end; nested blocks share one."""
    return use_clock(_clocks[-1] if _clocks else VirtualClock())


@contextmanager
def use_clock(clock: VirtualClock) -> Generator[VirtualClock]:
    """Let `time.monotonic` read this clock until the end."""
    _clocks.append(clock)
    try:
        yield _clocks[-1]
    finally:
        _clocks.pop()


def run_on_virtual_time(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run in an event loop of its own, as `asyncio.run` does, without real waits."""
    with (
        use_virtual_time() as clock,
        asyncio.Runner(loop_factory=lambda: VirtualTimeLoop(clock)) as runner,
    ):
        return runner.run(coroutine)
