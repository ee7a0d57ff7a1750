"""Where a request goes, and the opening of a connection to there."""

import asyncio
import socket
import ssl
from typing import NamedTuple

import httpx

from providers.kit.upstream.transport.connection import Connection
from providers.kit.upstream.transport.open_socket import open_socket

DEFAULT_PORTS = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """Where requests go that may share connections; `tls_name` is the name in the certificate."""

    scheme: str
    host: str
    port: int
    tls_name: str

    @classmethod
    def from_url(cls, url: httpx.URL, tls_name: str | None = None) -> "Origin":
        """Return the origin of a URL; by default the host is the name in the certificate."""
        host = url.raw_host.decode("ascii")
        port = url.port or DEFAULT_PORTS.get(url.scheme, 0)
        return cls(url.scheme, host, port, tls_name or host)

    async def connect(self, tls: ssl.SSLContext, seconds: float | None) -> Connection:
        """Open a connection, each of TCP and TLS within so many seconds.

        Raise `httpx.ConnectError`, `httpx.ConnectTimeout` or `httpx.UnsupportedProtocol`.
        """
        if self.scheme not in DEFAULT_PORTS or not self.host:
            raise httpx.UnsupportedProtocol("The URL must begin with http:// or https://.")
        try:
            async with asyncio.timeout(seconds):
                opened = await open_socket(self.host, self.port)
            try:
                async with asyncio.timeout(seconds):
                    return await self._start(opened, tls if self.scheme == "https" else None)
            except BaseException:
                opened.close()
                raise
        except TimeoutError:
            raise httpx.ConnectTimeout("The host did not accept a connection in time.") from None
        except (OSError, ValueError) as error:  # a name that is no host name may be a `ValueError`
            raise httpx.ConnectError("No connection to the host can be opened.") from error

    async def _start(self, opened: socket.socket, tls: ssl.SSLContext | None) -> Connection:
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(
            lambda: Connection(loop),
            sock=opened,
            ssl=tls,
            server_hostname=None if tls is None else self.tls_name,
        )
        return connection
