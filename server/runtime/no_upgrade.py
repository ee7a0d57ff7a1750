"""HTTP/1.1 protocol that ignores `Upgrade`, so that the request keeps its body.

A client may offer another protocol with any request, as Java's own client does with its first one,
and a server may ignore the offer. httptools takes such a request to have no body and what follows
it not to be HTTP. Its head is therefore parsed again without the header; otherwise the body would
be lost, or be taken for requests that no proxy in front has seen.
"""

from httptools import (
    HttpParserError,
    HttpParserInvalidMethodError,
    HttpParserUpgrade,
    HttpRequestParser,
)
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

UPGRADE_HEADER = b"upgrade"


class NoUpgrade(HttpToolsProtocol):
    """uvicorn's protocol without upgrades."""

    url: bytes = b""
    _head_without_upgrade: bytes = b""

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
        lines = [name + b": " + value for name, value in self.headers if name != UPGRADE_HEADER]
        self._head_without_upgrade = b"\r\n".join([request_line, *lines, b"", b""])

    def on_message_complete(self) -> None:
        if not self.parser.should_upgrade():
            super().on_message_complete()

    def _feed_parser(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade as upgrade:
            (consumed,) = upgrade.args
            self.parser = HttpRequestParser(self)
            self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
            self._feed_parser(self._head_without_upgrade + data[consumed:])
