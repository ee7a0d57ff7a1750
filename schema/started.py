"""Coroutines that are started when they are called, because most end without waiting.

A coroutine that ends at once gives its result without a task of its own. One that waits is
continued by whichever task awaits it. So only a resolver that first waits for a loader may start
at once: what it enters before, such as a timeout, would belong to another task than what follows.
"""

from collections.abc import Callable, Coroutine, Generator
from functools import partial
from typing import Any, TypeVar

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])

MARK = "starts_at_once"


def starts_at_once(resolver: FunctionT) -> FunctionT:
    """Mark a resolver that waits for nothing but loaders."""
    setattr(resolver, MARK, True)
    return resolver


def start(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine up to where it waits; return its result, or an awaitable of it."""
    try:
        pending = coroutine.send(None)
    except StopIteration as end:
        return end.value
    if pending is None:  # it only lets others run first
        return Started(coroutine, partial(_yield_once, None))
    # Taken back until a task awaits it: others may wait for the same future meanwhile.
    pending._asyncio_future_blocking = False  # noqa: SLF001 - asyncio's protocol for futures
    return Started(coroutine, pending.__await__)


class Started:
    """A coroutine that waits for the first time; `wait` begins to."""

    def __init__(
        self, coroutine: Coroutine[Any, Any, Any], wait: Callable[[], Generator[Any, Any, Any]]
    ) -> None:
        self._coroutine = coroutine
        self._wait = wait

    def __await__(self) -> Generator[Any, Any, Any]:
        wait = self._wait
        while True:
            try:
                yield from wait()
            except BaseException as error:  # noqa: BLE001 - also a cancellation
                step = partial(self._coroutine.throw, error)
            else:
                step = partial(self._coroutine.send, None)
            try:
                wait = partial(_yield_once, step())
            except StopIteration as end:
                return end.value


def _yield_once(pending: Any) -> Generator[Any, Any, Any]:
    yield pending
