"""Every encoding in which an upstream may send the same response, over all sources."""

import codecs
import gzip
import zlib
from collections.abc import Callable

import httpx
import pytest

from providers.registry import Source
from tests.harness import EVERYWHERE, NO_CACHE_HEADERS, RunningServer

QUERY = """
query ($accounts: [AccountInput!]!) {
  user(accounts: $accounts) {
    accounts { source displayName status { state } }
    trophyTitles(first: 5) { edges { node { name } } sources { source state } }
  }
}
"""
Encode = Callable[[bytes], tuple[bytes, dict[str, str]]]


def deflate_raw(body: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(body) + compressor.flush()


ENCODINGS: dict[str, Encode] = {
    "byte order mark": lambda body: (codecs.BOM_UTF8 + body, {}),
    "UTF-16": lambda body: (
        body.decode().encode("utf-16-le"),
        {"Content-Type": "application/json; charset=utf-16le"},
    ),
    "UTF-16 with a mark": lambda body: (body.decode().encode("utf-16"), {}),
    "gzip": lambda body: (gzip.compress(body), {"Content-Encoding": "gzip"}),
    "x-gzip": lambda body: (gzip.compress(body), {"Content-Encoding": "x-gzip"}),
    "two gzip members": lambda body: (
        gzip.compress(body[:20]) + gzip.compress(body[20:]),
        {"Content-Encoding": "gzip"},
    ),
    "gzip and a mark": lambda body: (
        gzip.compress(codecs.BOM_UTF8 + body),
        {"Content-Encoding": "gzip"},
    ),
    "deflate": lambda body: (zlib.compress(body), {"Content-Encoding": "deflate"}),
    "raw deflate": lambda body: (deflate_raw(body), {"Content-Encoding": "deflate"}),
}


def encode_responses(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch, encode: Encode
) -> None:
    """Let every upstream send its JSON in an encoding, from now on."""
    send = server.upstreams.handle_async_request

    async def send_encoded(request: httpx.Request) -> httpx.Response:
        response = await send(request)
        body = await response.aread()
        if "json" not in response.headers.get("content-type", ""):
            return response
        encoded, headers = encode(body)
        kept = {"Content-Type": response.headers["content-type"], **headers}
        return httpx.Response(response.status_code, headers=kept, stream=httpx.ByteStream(encoded))

    monkeypatch.setattr(server.upstreams, "handle_async_request", send_encoded)


@pytest.mark.slow
@pytest.mark.parametrize("name", ENCODINGS)
def test_a_response_is_read_in_every_encoding(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    variables = {"accounts": EVERYWHERE}
    expected = server.fetch_data(QUERY, variables)
    server.psn.expire_access_tokens()  # so that tokens are sent in the encoding as well
    encode_responses(server, monkeypatch, ENCODINGS[name])

    answer = server.execute(QUERY, variables, NO_CACHE_HEADERS)

    assert answer.data == expected
    assert set(answer.upstream_calls) == {source.name for source in Source}
