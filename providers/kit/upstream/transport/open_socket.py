"""Opens a TCP connection to whichever address of a host is reached first (RFC 8305)."""

import asyncio
import socket
from collections import deque
from collections.abc import Sequence
from itertools import chain, zip_longest
from typing import Any

# Before the next address is tried as well.
ATTEMPT_DELAY_SECONDS = 0.25

# As `getaddrinfo` returns it: family, type, protocol, canonical name, address.
AddressInfo = tuple[int, int, int, str, tuple[Any, ...]]


async def open_socket(host: str, port: int) -> socket.socket:
    """Return a connected socket without delays of small packets. Raise `OSError`."""
    infos = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    if len(infos) == 1:
        return await _connect(infos[0])
    return await _race(deque(_alternate_families(infos)))


def _alternate_families(infos: Sequence[AddressInfo]) -> list[AddressInfo]:
    """Sort the addresses so that the families take turns, beginning with the first one's."""
    preferred = [info for info in infos if info[0] == infos[0][0]]
    others = [info for info in infos if info[0] != infos[0][0]]
    pairs = chain.from_iterable(zip_longest(preferred, others))
    return [info for info in pairs if info is not None]


async def _race(infos: deque[AddressInfo]) -> socket.socket:
    """Try the addresses one after the other, without waiting long for one; raise the last error."""
    running: set[asyncio.Task[socket.socket]] = set()
    error: BaseException = OSError("The host has no address.")
    try:
        while infos or running:
            if infos:
                running.add(asyncio.create_task(_connect(infos.popleft())))
            delay = ATTEMPT_DELAY_SECONDS if infos else None
            done, _ = await asyncio.wait(
                running, timeout=delay, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                running.discard(task)
                failure = task.exception()
                if failure is None:
                    return task.result()
                error = failure
        raise error
    finally:
        for task in running:
            task.cancel()
            task.add_done_callback(_close_result)


async def _connect(info: AddressInfo) -> socket.socket:
    family, kind, protocol, _, address = info
    connecting = socket.socket(family, kind, protocol)
    try:
        connecting.settimeout(0)  # asyncio wants it not to block
        connecting.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(connecting, address)
    except BaseException:
        connecting.close()
        raise
    return connecting


def _close_result(task: "asyncio.Task[socket.socket]") -> None:
    """Close the socket of an attempt that has succeeded after another one."""
    if not task.cancelled() and task.exception() is None:
        task.result().close()
