"""Fetching a picture from a host the operator has listed, and from nowhere else."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import httpx
import pytest

from providers.errors import BadInput, ProviderError, TimedOut, Unavailable
from providers.kit.request_context import Operation, begin
from providers.psn.messages.remote_images import RemotePictures, content_type, listed

HOST = "cdn.example"
URL = f"https://{HOST}/a.png"
PUBLIC = "93.184.216.34"
PNG = b"\x89PNG\r\n\x1a\n and so on"
JPEG = b"\xff\xd8\xff\xe0 and so on"
# As if the operator had listed all that could lead inside.
CARELESS = frozenset({HOST, "localhost", "127.0.0.1", "127.1", "0x7f000001", "2130706433", "0"})

Handler = Callable[[httpx.Request], httpx.Response]


class Endless(httpx.AsyncByteStream):
    """A body without an end, as that of /dev/zero."""

    def __init__(self, start: bytes = PNG) -> None:
        self.start = start
        self.taken = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.start
        while True:
            self.taken += 1
            yield b"\0" * 65_536


class Stuck(httpx.AsyncByteStream):
    """A body that never goes on."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield PNG
        await asyncio.Event().wait()


class Body(httpx.AsyncByteStream):
    """A body that arrives after the head."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.content


class Names:
    """A name service that counts its questions."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses
        self.asked: list[str] = []

    async def __call__(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        return self.addresses


def pictures(handler: Handler, names: Names, hosts: frozenset[str] = CARELESS) -> RemotePictures:
    return RemotePictures(hosts, names, lambda: httpx.MockTransport(handler))


def fetched(source: RemotePictures, url: str = URL, *, seconds: float = 60) -> bytes:
    async def fetching() -> bytes:
        begin(Operation(deadline=time.monotonic() + seconds))
        return await source.fetch(url)

    return asyncio.run(fetching())


def giving(status: int = 200, body: bytes = PNG, **headers: str) -> Handler:
    def answer(request: httpx.Request) -> httpx.Response:
        del request
        return httpx.Response(status, headers=headers, stream=Body(body))

    return answer


@pytest.mark.parametrize("content", [PNG, JPEG])
def test_a_picture_is_fetched_from_the_address_that_was_looked_at(content: bytes) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, stream=Body(content))

    names = Names(PUBLIC, PUBLIC)
    url = "https://CDN.example:443/a%20b/c.png?x=1&y=%2F"
    assert fetched(pictures(answer, names), url) == content
    (request,) = seen
    assert request.url.host == PUBLIC
    assert request.url.raw_path == b"/a%20b/c.png?x=1&y=%2F"
    assert request.headers["host"] == HOST
    assert request.headers["accept-encoding"] == "identity"
    assert request.extensions["sni_hostname"] == HOST
    assert not {"authorization", "cookie"} & set(request.headers)
    # Resolved once: a second answer could be another.
    assert names.asked == [HOST]


def test_an_address_of_the_newer_kind_is_asked_too() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.host == "2606:4700::1111"
        return httpx.Response(200, stream=Body(PNG))

    assert fetched(pictures(answer, Names("2606:4700::1111")), f"https://{HOST}") == PNG


def test_the_next_address_is_tried_where_one_does_not_answer() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == PUBLIC:
            raise httpx.ConnectError("refused")
        return httpx.Response(200, stream=Body(PNG))

    assert fetched(pictures(answer, Names(PUBLIC, "1.1.1.1"))) == PNG


HOSTILE = [
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
# These have the right shape, and hosts that a careless operator listed: they lead inside.
INWARD = [
    "https://localhost/a.png",
    "https://127.0.0.1/a.png",
    "https://127.1/a.png",
    "https://0x7f000001/a.png",
    "https://2130706433/a.png",
    "https://0/a.png",
    "https://cdn.example/a.png",
]


@asynccontextmanager
async def listening() -> AsyncGenerator[tuple[int, list[str]]]:
    """A service inside: whoever connects is noted."""
    seen: list[str] = []

    async def note(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append("connected")
        writer.close()

    server = await asyncio.start_server(note, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], seen


class Inward(httpx.AsyncHTTPTransport):
    """A network on which every address is the service inside."""

    def __init__(self, port: int) -> None:
        super().__init__(trust_env=False)
        self.port = port

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self.port)
        return await super().handle_async_request(request)


@pytest.mark.parametrize("url", [*HOSTILE, *INWARD])
def test_nothing_inside_is_ever_reached(url: str) -> None:
    async def trying() -> list[str]:
        async with listening() as (port, seen):
            source = RemotePictures(CARELESS, Names("127.0.0.1"), lambda: Inward(port))
            with pytest.raises(BadInput) as caught:
                await source.fetch(url)
            assert (caught.value.argument, caught.value.source) == ("url", "PSN")
            assert url == "" or url not in caught.value.message
            return seen

    assert asyncio.run(trying()) == []


def test_the_service_inside_would_be_reached_otherwise() -> None:
    async def trying() -> list[str]:
        async with listening() as (port, seen):
            source = RemotePictures(CARELESS, Names(PUBLIC), lambda: Inward(port))
            with pytest.raises(Unavailable):
                await source.fetch(URL)
            return seen

    assert asyncio.run(trying()) == ["connected"]


@pytest.mark.parametrize("url", HOSTILE)
def test_what_is_no_address_of_a_listed_host_is_not_even_looked_up(url: str) -> None:
    names = Names(PUBLIC)
    with pytest.raises(BadInput):
        fetched(pictures(giving(), names), url)
    assert names.asked == []


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
def test_one_address_that_is_not_public_is_one_too_many(addresses: tuple[str, ...]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise AssertionError(request.url)

    with pytest.raises(BadInput):
        fetched(pictures(answer, Names(*addresses)))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        headers = {"location": "http://169.254.169.254/latest/meta-data"}
        return httpx.Response(status, headers=headers, stream=Body(PNG))

    with pytest.raises(BadInput):
        fetched(pictures(answer, Names(PUBLIC)))
    assert len(seen) == 1


@pytest.mark.parametrize(
    "handler",
    [
        giving(404),
        giving(500),
        giving(206),
        giving(204, b""),
        giving(200, b""),
        giving(200, b"<html>"),
        giving(200, b"GIF89a"),
        giving(200, PNG, **{"content-encoding": "gzip"}),
        giving(200, PNG.ljust(1024 * 1024 + 1, b"\0")),
    ],
    ids=range(9),
)
def test_what_is_there_must_be_a_picture_of_at_most_a_mebibyte(handler: Handler) -> None:
    with pytest.raises(BadInput) as caught:
        fetched(pictures(handler, Names(PUBLIC)))
    assert caught.value.argument == "url"


def test_a_picture_of_exactly_a_mebibyte_is_taken() -> None:
    largest = PNG.ljust(1024 * 1024, b"\0")
    assert fetched(pictures(giving(200, largest), Names(PUBLIC))) == largest


def test_a_body_without_an_end_is_left_when_it_is_too_large() -> None:
    endless = Endless()
    with pytest.raises(BadInput):
        fetched(pictures(lambda _: httpx.Response(200, stream=endless), Names(PUBLIC)))
    assert endless.taken <= 17


def test_a_host_that_does_not_go_on_is_left_at_the_deadline() -> None:
    source = pictures(lambda _: httpx.Response(200, stream=Stuck()), Names(PUBLIC))
    with pytest.raises(TimedOut):
        fetched(source, seconds=0.05)


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
def test_a_host_that_fails_is_no_fault_of_the_callers(
    raised: httpx.HTTPError, kind: type[ProviderError]
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        del request
        raise raised

    with pytest.raises(kind):
        fetched(pictures(answer, Names(PUBLIC)))


@pytest.mark.parametrize("error", [OSError("no such host"), UnicodeError("too long a label")])
def test_a_host_that_nobody_knows_cannot_be_reached(error: Exception) -> None:
    async def failing(host: str) -> Sequence[str]:
        del host
        raise error

    with pytest.raises(Unavailable):
        fetched(RemotePictures(CARELESS, failing))


def test_without_a_list_nothing_is_fetched() -> None:
    names = Names(PUBLIC)
    with pytest.raises(BadInput):
        fetched(pictures(giving(), names, frozenset()))
    assert names.asked == []


def test_the_system_knows_where_a_literal_address_is() -> None:
    with pytest.raises(BadInput):
        fetched(RemotePictures(CARELESS), "https://127.0.0.1/a.png")


def test_the_list_is_read_without_regard_to_case_and_spaces() -> None:
    assert listed("") == frozenset()
    assert listed(" CDN.example ,, b.example") == {HOST, "b.example"}


def test_a_picture_is_known_by_its_first_bytes() -> None:
    assert [content_type(one) for one in (PNG, JPEG, b"\x89PNG", b"")] == [
        "image/png",
        "image/jpeg",
        None,
        None,
    ]
