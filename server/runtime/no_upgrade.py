"""HTTP/1.1 protocol that ignores `Upgrade`, except for the handshake of a WebSocket at one path.

A client may offer another protocol with any request, as Java's own client does with its first one,
and a server may ignore the offer. httptools takes such a request to have no body and what follows
it not to be HTTP. Its head is therefore parsed again without the header; otherwise the body would
be lost, or be taken for requests that no proxy in front has seen.
"""

from collections.abc import Callable
from typing import cast

from httptools import (
    HttpParserError,
    HttpParserInvalidMethodError,
    HttpParserUpgrade,
    HttpRequestParser,
)
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from server.runtime.handshake import is_websocket_handshake

UPGRADE_HEADER = b"upgrade"


class NoUpgrade(HttpToolsProtocol):
    """uvicorn's protocol with a single upgrade."""

    url: bytes = b""
    _head_without_upgrade: bytes = b""
    _opens_websocket: bool = False

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        try:
            self._feed_parser(data)
        except HttpParserError as error:
            self.send_400_response(str(error))

    def on_headers_complete(self) -> None:
        if not self.parser.should_upgrade():
            super().on_headers_complete()
            return
        method, version = self.parser.get_method(), self.parser.get_http_version()
        if method == b"CONNECT":  # asks for a tunnel, which cannot be ignored
            raise HttpParserInvalidMethodError
        request_line = b"%s %s HTTP/%s" % (method, self.url, version.encode())
        self._opens_websocket = (
            self.ws_protocol_class is not None
            and self._has_no_pending_response
            and is_websocket_handshake(method, self.url, version, self.headers)
        )
        lines = [
            name + b": " + value
            for name, value in self.headers
            if self._opens_websocket or name != UPGRADE_HEADER
        ]
        self._head_without_upgrade = b"\r\n".join([request_line, *lines, b"", b""])

    def on_message_complete(self) -> None:
        if not self.parser.should_upgrade():
            super().on_message_complete()

    def open_websocket(self, data: bytes) -> None:
        """Hand the connection over to the protocol of WebSockets, with what it has received."""
        self.connections.discard(self)
        create_protocol = cast("Callable[..., WebSocketsSansIOProtocol]", self.ws_protocol_class)
        protocol = create_protocol(self.config, self.server_state, self.app_state)
        protocol.connection_made(self.transport)
        self.transport.set_protocol(protocol)
        protocol.data_received(data)

    @property
    def _has_no_pending_response(self) -> bool:
        cycle = cast("RequestResponseCycle | None", self.cycle)
        return cycle is None or cycle.response_complete

    def _feed_parser(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade as upgrade:
            (consumed,) = upgrade.args
            rest = self._head_without_upgrade + data[consumed:]
            if self._opens_websocket:
                self.open_websocket(rest)
                return
            self.parser = HttpRequestParser(self)
            self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
            self._feed_parser(rest)
