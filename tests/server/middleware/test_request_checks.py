"""Framing, sizes and URLs that are rejected before anything else."""

from collections.abc import Mapping
from typing import Any

import pytest

from server.middleware.request_guard import RequestGuard
from tests.server.middleware.guard_requests import echo_app, send_raw_scope, send_request


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-length": "3", "transfer-encoding": "chunked"}, 400),
        ({"host": ""}, 200),
        ({"content-length": "1.5"}, 400),
        ({"content-length": "-1"}, 400),
        ({"content-length": "3 "}, 200),
        ({"content-length": "9" * 5_000}, 400),
        ({"content-length": str(1536 * 1024)}, 200),
        ({"content-length": str(1536 * 1024 + 1)}, 413),
        ({"content-encoding": "gzip"}, 415),
        ({"content-encoding": "identity"}, 200),
        ({f"x-{number}": "1" for number in range(100)}, 431),
        ({"x-long": "a" * 33_000}, 431),
    ],
)
def test_headers_are_checked_before_anything_else(headers: Mapping[str, str], status: int) -> None:
    answer = send_request(RequestGuard(echo_app), "POST", headers=headers)
    assert answer.status_code == status
    if status != 200:
        assert answer.json()["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}
        assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    ("version", "hosts", "status"),
    [
        ("1.1", [], 400),
        ("1.1", [b"a"], 200),
        ("1.1", [b"a", b"b"], 400),
        ("1.0", [], 200),
        ("1.0", [b"a", b"b"], 400),
    ],
)
def test_exactly_one_host_is_required_except_by_http_1_0(
    version: str, hosts: list[bytes], status: int
) -> None:
    headers = [(b"host", host) for host in hosts]
    assert send_raw_scope({"headers": headers, "http_version": version})["status"] == status


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ({"path": "/a\r\nb"}, 400),
        ({"raw_path": b"/a\x00"}, 400),
        ({"query_string": b"a=\x7f"}, 400),
        ({"path": "/\ud800"}, 200),
        ({"query_string": b"q=" + b"a" * 60_000}, 200),
        ({"query_string": b"q=" + b"a" * 70_000}, 414),
        ({"raw_path": b"/" + b"a" * 70_000}, 414),
    ],
)
def test_urls_are_short_and_printable(address: dict[str, Any], status: int) -> None:
    assert send_raw_scope(address)["status"] == status
