"""Responses that cost little to build: httpx parses nothing of them that is not read.

For any caller they are responses of httpx.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx

# Otherwise httpx reads all headers to find one, whenever one is read.
HEADER_ENCODING = "latin-1"


class ReceivedFields(Mapping[str, str]):
    """Headers by names in lower case, which are decoded when they are read."""

    __slots__ = ("_pairs",)

    def __init__(self, pairs: list[tuple[bytes, bytes]]) -> None:
        self._pairs = pairs

    def __getitem__(self, name: str) -> str:
        """Return a header; several of one name are joined by commas."""
        text = self.find(name.encode())
        if text is None:
            raise KeyError(name)
        return text

    def __iter__(self) -> Iterator[str]:
        """Yield each name once."""
        return iter({name.lower().decode(HEADER_ENCODING): None for name, _ in self._pairs})

    def __len__(self) -> int:
        """Return the number of names."""
        return len({name.lower() for name, _ in self._pairs})

    def find(self, name: bytes) -> str | None:
        """Return a header by its name in lower case, or None."""
        value = None
        for each, part in self._pairs:
            if each.lower() == name:
                value = part if value is None else value + b", " + part
        return None if value is None else value.decode(HEADER_ENCODING)


class ReceivedHttpResponse(httpx.Response):
    """A response whose body is not read yet; `fields` are its headers by names in lower case."""

    def __init__(
        self, status: int, headers: list[tuple[bytes, bytes]], stream: httpx.AsyncByteStream
    ) -> None:
        # httpx's own initializer is called when something else is read.
        self.status_code = status
        self.stream = stream
        self.fields = ReceivedFields(headers)
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


def get_fields(response: httpx.Response) -> Mapping[str, str]:
    """Return the headers of any response; names in lower case are found."""
    return response.fields if isinstance(response, ReceivedHttpResponse) else response.headers


def find_content_coding(response: httpx.Response) -> str:
    """Return the header `Content-Encoding` of any response; empty without one."""
    if isinstance(response, ReceivedHttpResponse):
        return response.fields.find(b"content-encoding") or ""
    return response.headers.get("content-encoding", "")
