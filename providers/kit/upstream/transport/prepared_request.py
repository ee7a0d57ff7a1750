"""Requests that cost little to build: a URL of plain characters is not parsed.

For any transport they are requests of httpx, whose `url` and `headers` are made when they are read.
"""

import json as json_library
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import httpx
from msgspec import Struct

from providers.kit.upstream.transport.origin import Origin

# As httpx has it.
MAX_URL_LENGTH = 65_536
# What httpx leaves as it is.
PLAIN_URL = re.compile(r"(https?://[A-Za-z0-9_.:-]+)(/[A-Za-z0-9_.~!$&'()*+,;=:@/-]*)")
# A segment that begins with a dot may change the path.
DOT_SEGMENT = "/."
METHODS_WITH_CONTENT = frozenset({"POST", "PUT", "PATCH"})


class Target(Struct, frozen=True):
    """Where a request goes: the origin, its name in the header `Host`, and the path and query."""

    origin: Origin
    host: str
    path: str


class PreparedRequest(httpx.Request):
    """A request whose content is bytes and whose parts are ready to be sent."""

    def __init__(
        self,
        method: str,
        target: Target,
        header_values: Mapping[str, str],
        body: bytes,
        extensions: dict[str, Any],
    ) -> None:
        # Nothing of httpx's own initializer is needed, which parses and copies all of it.
        self.method = method
        self.target = target
        self.header_values = header_values
        self.extensions = extensions
        self.body = body

    def __getattr__(self, name: str) -> Any:
        """Make what only other transports, and tests, read."""
        if name == "url":
            origin = self.target.origin
            self.url = httpx.URL(f"{origin.scheme}://{self.target.host}{self.target.path}")
        elif name == "headers":
            self.headers = httpx.Headers(self.header_values)
        elif name == "stream":
            self.stream = httpx.ByteStream(self.body)
        else:
            raise AttributeError(name)
        return self.__dict__[name]

    def __repr__(self) -> str:
        """Return the method and the path; the query may contain a key."""
        return f"<PreparedRequest {self.method} {self.target.path.partition('?')[0]}>"

    @property
    def content(self) -> bytes:
        """The body."""
        return self.body

    def read(self) -> bytes:
        """Return the body."""
        return self.body

    async def aread(self) -> bytes:
        """Return the body."""
        return self.body

    def add_headers(self, headers: Mapping[str, str]) -> None:
        """Add headers to this request, which must not have been sent yet."""
        self.header_values = {**self.header_values, **headers}

    def with_headers(self, headers: Mapping[str, str]) -> "PreparedRequest":
        """Return the same request with these headers as well."""
        header_values = {**self.header_values, **headers}
        return PreparedRequest(self.method, self.target, header_values, self.body, self.extensions)

    def build_head_lines(self) -> list[str]:
        """Build the lines of the head: the first one, and one for each header."""
        headers = map(": ".join, self.header_values.items())
        return [f"{self.method} {self.target.path} HTTP/1.1", *headers]


def prepare_request(
    method: str,
    url: str,
    *,
    params: Mapping[str, str] | None = None,
    headers: Mapping[str, str],
    json: object = None,
    form: Mapping[str, str] | None = None,
    content: bytes | None = None,
    timeout: Mapping[str, float | None],
) -> PreparedRequest:
    """Build a request with at most one of `json`, `form` and `content`.

    Raise `httpx.InvalidURL`.
    """
    target = parse_target(url, params)
    all_headers = {"Host": target.host, **headers}
    if json is not None:
        content = json_library.dumps(json, ensure_ascii=False, separators=(",", ":")).encode()
        all_headers.setdefault("Content-Type", "application/json")
    elif form is not None:
        content = urlencode(form).encode()
        all_headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    if content is not None or method in METHODS_WITH_CONTENT:
        all_headers["Content-Length"] = str(len(content or b""))
    return PreparedRequest(method, target, all_headers, content or b"", {"timeout": timeout})


def parse_target(url: str, params: Mapping[str, str] | None = None) -> Target:
    """Return where a request goes; `params` replace the query. Raise `httpx.InvalidURL`."""
    query = f"?{_encode_query(tuple(params.items()))}" if params else ""
    match = PLAIN_URL.fullmatch(url)
    if match is None or DOT_SEGMENT in match[2] or len(url) + len(query) > MAX_URL_LENGTH:
        # With `params`, even with none, httpx drops a query that the address has already.
        parsed = httpx.URL(url, params=params) if params else httpx.URL(url)
        base, path = f"{parsed.scheme}://{parsed.netloc.decode()}", parsed.raw_path.decode()
    else:
        base, path = match[1], match[2] + query
    origin, host = _parse_base(base)
    return Target(origin, host, path)


@lru_cache(maxsize=256)
def _encode_query(params: tuple[tuple[str, str], ...]) -> str:
    return urlencode(params)


@lru_cache(maxsize=64)
def _parse_base(base: str) -> tuple[Origin, str]:
    url = httpx.URL(base)
    return Origin.from_url(url), url.netloc.decode()
