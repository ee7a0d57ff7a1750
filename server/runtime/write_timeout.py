"""Write timeout and send-buffer limit: closes connections whose client stops reading.

To the application a response is sent as soon as it is written to the transport.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from server.response_parts import UNSENT
from server.runtime.no_upgrade import NoUpgrade
from server.runtime.write_progress import WriteProgress


class WriteTimeout(WriteProgress, NoUpgrade):
    """Protocol that drops a connection whose unsent bytes do not decrease between two checks."""

    _current_cycle: RequestResponseCycle | None = None
    _deferred_start: tuple[RequestResponseCycle, Any] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether the application is working on a response and the client only waits for it."""
        cycle = self._current_cycle
        waits_for_client = cycle is None or cycle.more_body or cycle.response_started
        return not waits_for_client and not self.flow.write_paused

    @property
    def unsent_bytes(self) -> int:
        """The unsent bytes of its responses, with those that the application holds back."""
        cycle = self._current_cycle
        held_back = 0 if cycle is None else cycle.scope.get("state", {}).get(UNSENT, 0)
        return super().unsent_bytes + held_back

    def connection_made(  # pyright: ignore[reportIncompatibleMethodOverride] - uvicorn narrows it
        self, transport: asyncio.Transport
    ) -> None:
        super().connection_made(transport)
        self.start_checks()

    def connection_lost(self, exc: Exception | None) -> None:
        # uvicorn marks only the newest request, which may still be waiting for this one.
        if self._current_cycle is not None:
            self._current_cycle.disconnected = True
        super().connection_lost(exc)
        self._deferred_start = None
        self.stop_checks()

    def open_websocket(self, data: bytes) -> None:
        self.stop_checks()
        super().open_websocket(data)

    def pause_writing(self) -> None:
        super().pause_writing()
        self.note_pause(self.connections)

    def resume_writing(self) -> None:
        super().resume_writing()
        self.note_resume()
        if self._deferred_start is not None:
            (cycle, app), self._deferred_start = self._deferred_start, None
            self._start_asgi_task(cycle, app)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if self.flow.write_paused:  # a pipelined request waits until the client reads on
            self._deferred_start = cycle, app
            return
        self._current_cycle, self._last_unsent_bytes = cycle, 0
        super()._start_asgi_task(cycle, app)
