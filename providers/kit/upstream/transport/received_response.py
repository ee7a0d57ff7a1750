"""Responses that cost little to build: httpx parses nothing of them that is not read.

For any caller they are responses of httpx.
"""

from collections.abc import Mapping
from typing import Any

import httpx

# Otherwise httpx reads all headers to find one, whenever one is read.
HEADER_ENCODING = "latin-1"


class ReceivedHttpResponse(httpx.Response):
    """A response whose body is not read yet; `fields` are its headers by names in lower case."""

    def __init__(
        self, status: int, headers: list[tuple[bytes, bytes]], stream: httpx.AsyncByteStream
    ) -> None:
        # httpx's own initializer is called when something else is read.
        self.status_code = status
        self.stream = stream
        self.fields: Mapping[str, str] = _join_fields(headers)
        self._header_pairs = headers

    def __getattr__(self, name: str) -> Any:
        """Make what only callers read that use httpx's own client."""
        if "headers" in self.__dict__:
            raise AttributeError(name)
        known = dict(self.__dict__)
        super().__init__(self.status_code, headers=self._header_pairs, stream=self.stream)
        self.headers.encoding = HEADER_ENCODING
        self.__dict__.update(known)
        return getattr(self, name)


def _join_fields(pairs: list[tuple[bytes, bytes]]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in pairs:
        key, text = name.lower().decode(HEADER_ENCODING), value.decode(HEADER_ENCODING)
        fields[key] = f"{fields[key]}, {text}" if key in fields else text
    return fields


def get_fields(response: httpx.Response) -> Mapping[str, str]:
    """Return the headers of any response; names in lower case are found."""
    return response.fields if isinstance(response, ReceivedHttpResponse) else response.headers
