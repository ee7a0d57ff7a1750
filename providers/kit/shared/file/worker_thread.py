"""One thread that runs functions one after the other."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class WorkerThread(Executor):
    """An executor whose thread does not keep the process from ending.

    A `ThreadPoolExecutor` is waited for at the end, also if its disk never answers.
    """

    def __init__(self, name: str) -> None:
        """Start the thread with the first function."""
        self._tasks: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Run a function after those before it."""
        future: Future[T] = Future()
        self._tasks.put((future, partial(fn, *args, **kwargs)))
        if self._thread.ident is None:
            self._thread.start()
        return future

    def shutdown(
        self,
        wait: bool = True,  # noqa: ARG002 - the disk may never answer
        *,
        cancel_futures: bool = False,  # noqa: ARG002 - what was written last is not lost
    ) -> None:
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
