"""What a shared store needs of the place where it keeps things: a Redis or a file."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

OnMessage = Callable[[bytes | None], None]


class LazyValue(NamedTuple):
    """A value whose name and content are built where that takes least time.

    The functions may be called in another thread, and more than once; `encrypt` gets the name.
    """

    build_name: Callable[[], str]
    encrypt: Callable[[str], bytes]
    max_bytes: int  # of the encrypted content


class StoreUnavailable(Exception):
    """The place cannot be used now; the caller continues without it."""


class StoreBackend(Protocol):
    """Values, messages and leases under names, for all processes that use the same place.

    Methods that wait raise `StoreUnavailable`; the others do nothing while it is unavailable.
    Everything is done in the order of the calls. `reconnect_listeners` are called each time that
    it can be used again, because it may be empty by then. Durations are in seconds.
    """

    @property
    def process_id(self) -> str:
        """The name of this process."""
        ...

    @property
    def reconnect_listeners(self) -> list[Callable[[], None]]:
        """The functions to call when it can be used again."""
        ...

    @property
    def is_unavailable(self) -> bool:
        """Whether it was tried and could not be used."""
        ...

    @property
    def has_others(self) -> bool:
        """Whether other processes may be using it now."""
        ...

    async def open(self) -> None:
        """Begin; do not fail if it cannot be used."""
        ...

    async def aclose(self) -> None:
        """Finish what was begun, and end."""
        ...

    def is_absent(self, name: str, since: float) -> bool:
        """Return whether there is no value, if this process knows that without looking.

        It may not know what others have stored after `since`, in seconds since 1970.
        """
        ...

    async def get(self, name: str, max_bytes: int) -> bytes | None:
        """Return a value; None if there is none, or a longer one."""
        ...

    async def set(self, value: LazyValue, seconds: float, *, is_evictable: bool) -> None:
        """Store a value, and wait until all processes would find it."""
        ...

    def set_nowait(self, value: LazyValue, seconds: float, *, is_evictable: bool) -> None:
        """Store a value; one that is not evictable stays for its time."""
        ...

    def delete_nowait(self, name: str) -> None:
        """Delete a value."""
        ...

    async def finish_writes(self) -> None:
        """Wait until what was stored and deleted so far outlasts the end of this process."""
        ...

    def publish(self, topic: str, content: bytes) -> None:
        """Send a message to the subscribers in all processes, this one included."""
        ...

    def subscribe(self, topic: str, on_message: OnMessage) -> None:
        """Call a function with each message, and with None if messages may have been missed."""
        ...

    async def acquire_lease(self, name: str, token: bytes, ttl: float) -> bytes | None:
        """Become the holder of a name unless it has one; return the token of the holder."""
        ...

    async def read_lease(self, name: str, ttl: float) -> bytes | None:
        """Return the token of the holder; None if there is none, or one without a valid end."""
        ...

    def extend_lease(self, name: str, token: bytes, ttl: float) -> None:
        """Hold a name for `ttl` from now on, unless it has another holder by now."""
        ...

    def release_lease(self, name: str, token: bytes) -> None:
        """Release a name, unless it has another holder by now."""
        ...
