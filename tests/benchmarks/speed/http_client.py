"""A client on one connection that costs little beside what it measures."""

import http.client
import time
from collections.abc import Iterable, Sequence
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit

import msgspec

HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}
OK = 200
TIMEOUT_SECONDS = 600  # also on a busy machine


def connect(url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)


def post_all(url: str, path: str, bodies: Iterable[bytes], pauses: Sequence[float] = (0,)) -> int:
    """Send requests one after the other on a new connection; return the bytes of the last body.

    `pauses` are the seconds to wait after each, by turns.
    """
    connection, size = connect(url), 0
    for body, pause in zip(bodies, cycle(pauses), strict=False):
        size = len(_post(connection, path, body))
        if pause:
            time.sleep(pause)
    connection.close()
    return size


def post_one(url: str, path: str, body: bytes) -> Any:
    """Send a request and return the decoded body."""
    connection = connect(url)
    found = _post(connection, path, body)
    connection.close()
    return msgspec.json.decode(found)


def get_json(url: str, path: str) -> Any:
    connection = connect(url)
    connection.request("GET", path)
    found = connection.getresponse().read()
    connection.close()
    return msgspec.json.decode(found)


def _post(connection: http.client.HTTPConnection, path: str, body: bytes) -> bytes:
    connection.request("POST", path, body, HEADERS)
    response = connection.getresponse()
    found = response.read()
    if response.status != OK or b'"errors"' in found[:200]:
        raise AssertionError(f"{response.status}: {found[:500]!r}")
    return found
