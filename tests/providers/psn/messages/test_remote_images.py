"""Downloads of pictures from allowed hosts, and from nowhere else."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import httpx
import pytest

from providers.errors import BadInput, ProviderError, TimedOut, Unavailable
from providers.kit.request_context import RequestContext, set_current
from providers.kit.upstream.transport.http_transport import HttpTransport
from providers.psn.messages.remote_images import (
    RemoteImages,
    detect_image_type,
    parse_allowed_hosts,
)

HOST = "cdn.example"
URL = f"https://{HOST}/a.png"
PUBLIC = "93.184.216.34"
PNG = b"\x89PNG\r\n\x1a\n and so on"
JPEG = b"\xff\xd8\xff\xe0 and so on"
# As if the operator allowed every host that could lead to an internal service.
CARELESS_HOSTS = frozenset(
    {HOST, "localhost", "127.0.0.1", "127.1", "0x7f000001", "2130706433", "0"}
)

Handler = Callable[[httpx.Request], httpx.Response]


class EndlessBody(httpx.AsyncByteStream):
    """A body that never ends, like /dev/zero."""

    def __init__(self, start: bytes = PNG) -> None:
        self.start = start
        self.chunks_read = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.start
        while True:
            self.chunks_read += 1
            yield b"\0" * 65_536


class StuckBody(httpx.AsyncByteStream):
    """A body that stops after its first bytes without ending."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield PNG
        await asyncio.Event().wait()


class DelayedBody(httpx.AsyncByteStream):
    """A body that is read after the headers, as from a network."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.content


class FakeResolver:
    """A resolver that records which hosts it resolves."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses
        self.hosts: list[str] = []

    async def __call__(self, host: str) -> Sequence[str]:
        self.hosts.append(host)
        return self.addresses


def make_remote_images(
    handler: Handler, resolver: FakeResolver, hosts: frozenset[str] = CARELESS_HOSTS
) -> RemoteImages:
    return RemoteImages(hosts, resolver, lambda: httpx.MockTransport(handler))


def fetch(source: RemoteImages, url: str = URL, *, seconds: float = 60) -> bytes:
    async def run_in_context() -> bytes:
        set_current(RequestContext(deadline=time.monotonic() + seconds))
        return await source.fetch(url)

    return asyncio.run(run_in_context())


def make_handler(status: int = 200, body: bytes = PNG, **headers: str) -> Handler:
    def answer(request: httpx.Request) -> httpx.Response:
        del request
        return httpx.Response(status, headers=headers, stream=DelayedBody(body))

    return answer


@pytest.mark.parametrize("content", [PNG, JPEG])
def test_an_image_is_fetched_from_the_checked_address(content: bytes) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, stream=DelayedBody(content))

    resolver = FakeResolver(PUBLIC, PUBLIC)
    url = "https://CDN.example:443/a%20b/c.png?x=1&y=%2F"
    assert fetch(make_remote_images(answer, resolver), url) == content
    (request,) = seen
    assert request.url.host == PUBLIC
    assert request.url.raw_path == b"/a%20b/c.png?x=1&y=%2F"
    assert request.headers["host"] == HOST
    assert request.headers["accept-encoding"] == "identity"
    assert request.extensions["sni_hostname"] == HOST
    assert not {"authorization", "cookie"} & set(request.headers)
    # Resolved once: a second resolution could return another address.
    assert resolver.hosts == [HOST]


def test_an_ipv6_address_is_fetched() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.host == "2606:4700::1111"
        return httpx.Response(200, stream=DelayedBody(PNG))

    assert (
        fetch(make_remote_images(answer, FakeResolver("2606:4700::1111")), f"https://{HOST}") == PNG
    )


def test_the_next_address_is_tried_when_one_does_not_respond() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == PUBLIC:
            raise httpx.ConnectError("refused")
        return httpx.Response(200, stream=DelayedBody(PNG))

    assert fetch(make_remote_images(answer, FakeResolver(PUBLIC, "1.1.1.1"))) == PNG


INVALID_URLS = [
    "",
    "a.png",
    "/etc/passwd",
    "file:///etc/passwd",
    "file:///dev/zero",
    "FILE:///dev/zero",
    "data:image/png;base64,iVBORw0KGgo=",
    "javascript:alert(1)",
    "ftp://cdn.example/a.png",
    "gopher://cdn.example/a.png",
    "http://cdn.example/a.png",
    "http://cdn.example:443/a.png",
    "//cdn.example/a.png",
    "https:cdn.example/a.png",
    "https:/cdn.example/a.png",
    "https:///cdn.example/a.png",
    "https://",
    "https://user@cdn.example/a.png",
    "https://user:secret@cdn.example/a.png",
    "https://cdn.example@127.0.0.1/a.png",
    "https://127.0.0.1\\@cdn.example/a.png",
    "https://cdn.example\\@127.0.0.1/a.png",
    "https://cdn.example#@127.0.0.1/a.png",
    "https://cdn.example:80/a.png",
    "https://cdn.example:8443/a.png",
    "https://cdn.example:/a.png",
    "https://cdn.example:0443/a.png",
    "https://cdn.example:443:22/a.png",
    "https://cdn.example./a.png",
    "https://.cdn.example/a.png",
    "https://cdn..example/a.png",
    "https://evil.cdn.example/a.png",
    "https://cdn.example.evil/a.png",
    "https://cdn.example%2eevil/a.png",
    "https://cdn.exampl%65/a.png",
    "https://other.example/a.png",
    "https://[::1]/a.png",
    "https://[::ffff:127.0.0.1]/a.png",
    "https://[fe80::1%25eth0]/a.png",
    "https://[cdn.example]/a.png",
    "https://169.254.169.254/latest/meta-data",
    "https://017700000001/a.png",
    "https://0177.0.0.1/a.png",
    "https://cdn.example/a.png\r\nHost: evil",
    "https://cdn.example\r\n/a.png",
    "https://cdn.example/a b.png",
    "https://cdn.example/a.png#fragment",
    "https://cdn.example/a\\b.png",
    " https://cdn.example/a.png",
    "https://cdn.example/a.png\n",
    "https://cdn.example\t/a.png",
    "ht\ntps://cdn.example/a.png",
    "https://cdn.ex\u0430mple/a.png",
    "https://\uff43dn.example/a.png",
    "https://cdn\u3002example/a.png",
    "https://cdn.example\u2044a.png",
    "http\u017f://cdn.example/a.png",
    "https://cdn.example/\u00e9.png",
    "https://cdn.example/\x00",
    "https://cdn.example/\ud800",
    f"https://cdn.example/{'a' * 2000}",
]
# These have a valid form and hosts that a careless operator allows, and lead to the inside.
INTERNAL_URLS = [
    "https://localhost/a.png",
    "https://127.0.0.1/a.png",
    "https://127.1/a.png",
    "https://0x7f000001/a.png",
    "https://2130706433/a.png",
    "https://0/a.png",
    "https://cdn.example/a.png",
]


@asynccontextmanager
async def run_internal_service() -> AsyncGenerator[tuple[int, list[str]]]:
    """Run an internal service that records its connections; yield its port and the record."""
    connections: list[str] = []

    async def record_connection(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append("connected")
        writer.close()

    server = await asyncio.start_server(record_connection, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], connections


class InternalTransport(HttpTransport):
    """A network on which every address leads to the internal service."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self.port)
        return await super().handle_async_request(request)


@pytest.mark.parametrize("url", [*INVALID_URLS, *INTERNAL_URLS])
def test_internal_addresses_are_never_reached(url: str) -> None:
    async def scenario() -> list[str]:
        async with run_internal_service() as (port, seen):
            source = RemoteImages(
                CARELESS_HOSTS, FakeResolver("127.0.0.1"), lambda: InternalTransport(port)
            )
            with pytest.raises(BadInput) as caught:
                await source.fetch(url)
            assert (caught.value.argument, caught.value.source) == ("url", "PSN")
            assert url == "" or url not in caught.value.message
            return seen

    assert asyncio.run(scenario()) == []


def test_the_internal_service_would_be_reached_without_the_check() -> None:
    async def scenario() -> list[str]:
        async with run_internal_service() as (port, seen):
            source = RemoteImages(
                CARELESS_HOSTS, FakeResolver(PUBLIC), lambda: InternalTransport(port)
            )
            with pytest.raises(Unavailable):
                await source.fetch(URL)
            return seen

    assert asyncio.run(scenario()) == ["connected"]


@pytest.mark.parametrize("url", INVALID_URLS)
def test_urls_of_other_hosts_are_not_resolved(url: str) -> None:
    resolver = FakeResolver(PUBLIC)
    with pytest.raises(BadInput):
        fetch(make_remote_images(make_handler(), resolver), url)
    assert resolver.hosts == []


@pytest.mark.parametrize(
    "addresses",
    [
        (),
        ("10.0.0.1",),
        (PUBLIC, "127.0.0.1"),
        ("::1", PUBLIC),
        (PUBLIC, "::ffff:169.254.169.254"),
        ("100.64.0.1",),
        ("192.0.0.8",),
        ("198.18.0.1",),
        ("64:ff9b::7f00:1",),
        ("2002:7f00:1::",),
        (PUBLIC, "fe80::1%eth0"),
        ("not an address",),
        ("0.0.0.0",),  # noqa: S104 - an address to be refused
    ],
)
def test_any_non_public_address_rejects_the_host(addresses: tuple[str, ...]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise AssertionError(request.url)

    with pytest.raises(BadInput):
        fetch(make_remote_images(answer, FakeResolver(*addresses)))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        headers = {"location": "http://169.254.169.254/latest/meta-data"}
        return httpx.Response(status, headers=headers, stream=DelayedBody(PNG))

    with pytest.raises(BadInput):
        fetch(make_remote_images(answer, FakeResolver(PUBLIC)))
    assert len(seen) == 1


@pytest.mark.parametrize(
    "handler",
    [
        make_handler(404),
        make_handler(500),
        make_handler(206),
        make_handler(204, b""),
        make_handler(200, b""),
        make_handler(200, b"<html>"),
        make_handler(200, b"GIF89a"),
        make_handler(200, PNG, **{"content-encoding": "gzip"}),
        make_handler(200, PNG.ljust(1024 * 1024 + 1, b"\0")),
    ],
    ids=range(9),
)
def test_the_response_must_be_an_image_of_at_most_a_mebibyte(handler: Handler) -> None:
    with pytest.raises(BadInput) as caught:
        fetch(make_remote_images(handler, FakeResolver(PUBLIC)))
    assert caught.value.argument == "url"


def test_an_image_of_exactly_a_mebibyte_is_accepted() -> None:
    largest = PNG.ljust(1024 * 1024, b"\0")
    assert fetch(make_remote_images(make_handler(200, largest), FakeResolver(PUBLIC))) == largest


def test_an_endless_body_is_aborted() -> None:
    endless = EndlessBody()
    with pytest.raises(BadInput):
        fetch(
            make_remote_images(lambda _: httpx.Response(200, stream=endless), FakeResolver(PUBLIC))
        )
    assert endless.chunks_read <= 17


def test_a_stuck_response_times_out_at_the_deadline() -> None:
    source = make_remote_images(
        lambda _: httpx.Response(200, stream=StuckBody()), FakeResolver(PUBLIC)
    )
    with pytest.raises(TimedOut):
        fetch(source, seconds=0.05)


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (httpx.ConnectError("no"), Unavailable),
        (httpx.ConnectTimeout("no"), Unavailable),
        (httpx.ReadTimeout("no"), TimedOut),
        (httpx.ReadError("no"), Unavailable),
        (httpx.RemoteProtocolError("no"), Unavailable),
    ],
)
def test_a_failing_host_is_not_bad_input(
    raised: httpx.HTTPError, kind: type[ProviderError]
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        del request
        raise raised

    with pytest.raises(kind):
        fetch(make_remote_images(answer, FakeResolver(PUBLIC)))


@pytest.mark.parametrize("error", [OSError("no such host"), UnicodeError("too long a label")])
def test_an_unresolvable_host_is_unavailable(error: Exception) -> None:
    async def resolve_and_fail(host: str) -> Sequence[str]:
        del host
        raise error

    with pytest.raises(Unavailable):
        fetch(RemoteImages(CARELESS_HOSTS, resolve_and_fail))


def test_without_allowed_hosts_nothing_is_fetched() -> None:
    resolver = FakeResolver(PUBLIC)
    with pytest.raises(BadInput):
        fetch(make_remote_images(make_handler(), resolver, frozenset()))
    assert resolver.hosts == []


def test_a_literal_loopback_address_is_rejected_by_the_default_resolver() -> None:
    with pytest.raises(BadInput):
        fetch(RemoteImages(CARELESS_HOSTS), "https://127.0.0.1/a.png")


def test_allowed_hosts_ignore_case_and_spaces() -> None:
    assert parse_allowed_hosts("") == frozenset()
    assert parse_allowed_hosts(" CDN.example ,, b.example") == {HOST, "b.example"}


def test_an_image_is_recognized_by_its_first_bytes() -> None:
    assert [detect_image_type(content) for content in (PNG, JPEG, b"\x89PNG", b"")] == [
        "image/png",
        "image/jpeg",
        None,
        None,
    ]
