"""Whether a socket can be read from at once."""

import select


class Readability:
    """What the system says of one socket, without reading from it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._poll = None
        # Windows has `select` alone, which elsewhere knows no descriptor above 1,023.
        if hasattr(select, "poll"):
            self._poll = select.poll()
            self._poll.register(descriptor, select.POLLIN)

    def is_readable(self) -> bool:
        """Return whether there are data, or an end, that were not read yet."""
        if self._poll is None:
            return bool(select.select([self._descriptor], [], [], 0)[0])
        return bool(self._poll.poll(0))
