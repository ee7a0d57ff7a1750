"""An event loop whose time passes only while everybody waits, and then at once."""

import asyncio
import selectors
from collections.abc import Callable


class _VirtualTimeSelector(selectors.SelectSelector):
    """Where others would sleep until the next timer, it says for how long they would have."""

    def __init__(self) -> None:
        super().__init__()
        self.advance: Callable[[float], None] = lambda _seconds: None

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            return super().select(None)
        ready = super().select(0)
        if not ready:
            self.advance(timeout)
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Work takes no time here and waiting takes exactly as long as was asked for.

    So with every upstream call delayed alike, the time an answer took is the number of calls that
    had to wait for each other, whatever the machine was busy with.
    """

    def __init__(self) -> None:
        self._now = 0.0
        selector = _VirtualTimeSelector()
        selector.advance = self._advance
        super().__init__(selector)

    def time(self) -> float:
        """Seconds that were waited."""
        return self._now

    def _advance(self, seconds: float) -> None:
        self._now += seconds
