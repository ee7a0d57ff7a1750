"""One thread that runs functions one after the other."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import SimpleQueue
from threading import Thread
from typing import Any


class WorkerThread(Executor):
    """An executor whose thread does not keep the process from ending.

    A `ThreadPoolExecutor` is waited for at the end, also if its disk never answers.
    """

    def __init__(self, name: str) -> None:
        """Start the thread."""
        self._tasks: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        Thread(target=self._run, name=name, daemon=True).start()

    def submit(  # pyright: ignore[reportIncompatibleMethodOverride] - no arguments are needed
        self, function: Callable[[], Any], /
    ) -> "Future[Any]":
        """Run a function without arguments after those before it."""
        future: Future[Any] = Future()
        self._tasks.put((future, function))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002
        """Let the thread end after the functions that it has; never wait for it."""
        self._tasks.put(None)

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None:
            future, function = task
            if not future.set_running_or_notify_cancel():
                continue
            try:
                result = function()
            except BaseException as error:  # noqa: BLE001 - the caller gets it
                future.set_exception(error)
            else:
                future.set_result(result)
            del future, function, task
