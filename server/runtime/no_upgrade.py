"""One connection that never becomes anything else.

A request may offer to go on in another protocol, as each first one of Java's own client does, and
a server may take no notice. For httptools such a request has no body, and what comes behind it is
not HTTP; so it is read once more, without the offer. Else its body would be lost, or be taken for
requests that whoever is in between has never seen.
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
    """Speaks HTTP/1.1, whatever it is offered."""

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
        if method == b"CONNECT":  # which is nothing else than such an offer
            raise HttpParserInvalidMethodError
        first = b"%s %s HTTP/%s" % (method, self.url, version.encode())
        lines = [name + b": " + value for name, value in self.headers if name != UPGRADE_HEADER]
        self._head_without_upgrade = b"\r\n".join([first, *lines, b"", b""])

    def on_message_complete(self) -> None:
        if not self.parser.should_upgrade():
            super().on_message_complete()

    def _feed_parser(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade as offered:
            (consumed,) = offered.args
            self.parser = HttpRequestParser(self)
            self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
            self._feed_parser(self._head_without_upgrade + data[consumed:])
