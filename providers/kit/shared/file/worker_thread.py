"""One thread that runs functions one after the other, for the event loop."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")


class Task(NamedTuple):
    """A function, and the future that gets its result in the event loop."""

    function: Callable[[], Any]
    result: "asyncio.Future[Any]"
    loop: asyncio.AbstractEventLoop


class WorkerThread:
    """A thread that does not keep the process from ending.

    A `ThreadPoolExecutor` is waited for at the end, also if its disk never answers; and the way to
    an executor and back takes three times as much processor time.
    """

    def __init__(self, name: str) -> None:
        """Start the thread with the first function."""
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name=name, daemon=True)
        self._begun = self._ended = 0

    @property
    def is_idle(self) -> bool:
        """Whether every function has ended."""
        return self._begun == self._ended

    def run(self, function: Callable[[], T]) -> "asyncio.Future[T]":
        """Run a function after those before it, unless its future is cancelled before."""
        loop = asyncio.get_running_loop()
        result: asyncio.Future[T] = loop.create_future()
        self._begun += 1
        self._tasks.put(Task(function, result, loop))
        if self._thread.ident is None:
            self._thread.start()
        return result

    def shutdown(self) -> None:
        """Let the thread end after the functions that it has; never wait for it."""
        self._tasks.put(None)

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None:
            value, error = (None, None) if task.result.cancelled() else _call(task.function)
            self._ended += 1
            with suppress(RuntimeError):  # the event loop has ended
                task.loop.call_soon_threadsafe(_give_result, task.result, value, error)
            del task, value, error


def _call(function: Callable[[], Any]) -> tuple[Any, BaseException | None]:
    try:
        return function(), None
    except BaseException as error:  # noqa: BLE001 - the caller gets it
        return None, error


def _give_result(result: "asyncio.Future[Any]", value: Any, error: BaseException | None) -> None:
    if result.done():
        return
    if error is None:
        result.set_result(value)
    else:
        result.set_exception(error)
