"""The first address of a host that can be reached is used."""

import asyncio
import socket
from typing import Any

import pytest

from providers.kit.upstream.transport import open_socket as module
from providers.kit.upstream.transport.open_socket import open_socket


def make_info(address: str, port: int) -> Any:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return (family, socket.SOCK_STREAM, 6, "", (address, port))


def connect(
    monkeypatch: pytest.MonkeyPatch, *addresses: str, silent: frozenset[str] = frozenset()
) -> str:
    """Connect to a host with these addresses; only 127.0.0.1 listens, silent ones do not refuse."""

    async def run() -> str:
        loop = asyncio.get_running_loop()
        server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        sock_connect = loop.sock_connect

        async def resolve(*_: Any, **__: Any) -> list[Any]:
            return [make_info(address, port) for address in addresses]

        async def connect_unless_silent(opened: Any, address: Any) -> None:
            if address[0] in silent:
                await asyncio.Event().wait()
            await sock_connect(opened, address)

        monkeypatch.setattr(loop, "getaddrinfo", resolve)
        monkeypatch.setattr(loop, "sock_connect", connect_unless_silent)
        async with server:
            with await open_socket("upstream.example", port) as opened:
                return opened.getpeername()[0]

    return asyncio.run(run())


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["127.0.0.2", "127.0.0.1"],
        ["::1", "127.0.0.1"],
        ["::1", "::1", "::1", "127.0.0.2", "127.0.0.1"],
    ],
)
def test_addresses_that_refuse_are_passed_over(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    assert connect(monkeypatch, *addresses) == "127.0.0.1"


def test_an_address_that_does_not_respond_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "ATTEMPT_DELAY_SECONDS", 0)
    silent = frozenset({"::1", "127.0.0.2"})

    assert connect(monkeypatch, "::1", "127.0.0.2", "127.0.0.1", silent=silent) == "127.0.0.1"


@pytest.mark.parametrize("addresses", [["127.0.0.2"], ["127.0.0.2", "::1"], []])
def test_a_host_without_an_address_that_accepts_is_an_error(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    with pytest.raises(OSError, match=r"Connect call failed|no address"):
        connect(monkeypatch, *addresses)
