"""Pictures as data addresses: fetched once, bounded, and left out where they fail."""

import asyncio
from base64 import b64decode
from collections.abc import Awaitable, Callable, Sequence

import httpx
import pytest

from providers.kit.upstream.image_download import GIF, PNG, ImageDownloader
from server.embeds import pictures
from server.embeds.pictures import MAX_PENDING, MAX_PICTURE_BYTES, FoundPictures, Pictures
from tests.virtual_time import VirtualTimeLoop, use_virtual_time

HOST = "image.example"
CONTENT = b"\x89PNG\r\n\x1a\n and so on"


class Network:
    """A network that counts requests, and answers each path as it is told."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.in_flight = self.most_in_flight = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.paths.append(path)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(float(path.partition("slow")[2] or 0))
        finally:
            self.in_flight -= 1
        if "missing" in path:
            return httpx.Response(404)
        if "html" in path:
            return httpx.Response(200, stream=httpx.ByteStream(b"<html>"))
        size = MAX_PICTURE_BYTES + 1 if "large" in path else len(CONTENT)
        return httpx.Response(200, stream=httpx.ByteStream(CONTENT.ljust(size, b"\0")))


def make_pictures(network: Network) -> Pictures:
    async def resolve(_host: str) -> Sequence[str]:
        return ["93.184.216.34"]

    return Pictures(
        ImageDownloader(
            HOST.__eq__,
            (PNG, GIF),
            MAX_PICTURE_BYTES,
            resolve,
            lambda: httpx.MockTransport(network),
        )
    )


def run(scenario: Callable[[Pictures, Network], Awaitable[None]]) -> None:
    """Run a scenario on virtual time."""

    async def run_scenario() -> None:
        network = Network()
        found = make_pictures(network)
        await scenario(found, network)
        await found.aclose()

    with (
        use_virtual_time() as clock,
        asyncio.Runner(loop_factory=lambda: VirtualTimeLoop(clock)) as runner,
    ):
        runner.run(run_scenario())


def url(path: str, host: str = HOST) -> str:
    return f"https://{host}/{path}"


def test_a_picture_is_fetched_once_and_kept() -> None:
    async def scenario(found: Pictures, network: Network) -> None:
        first, second = await asyncio.gather(
            found.fetch([url("a"), None, url("a")]), found.fetch([url("a")])
        )
        third = await found.fetch([url("a")])
        assert first == second == third
        assert first.is_complete
        data = first.by_url[url("a")]
        assert data.startswith("data:image/png;base64,")
        assert b64decode(data.partition(",")[2]) == CONTENT
        assert network.paths == ["/a"]

    run(scenario)


@pytest.mark.parametrize(
    "bad",
    [
        url("missing"),
        url("html"),
        url("large"),
        url("a", "elsewhere.example"),
        url("a", "169.254.169.254"),
        "http://image.example/a",
        "https://image.example:8443/a",
        "javascript:alert(1)",
    ],
)
def test_a_picture_that_fails_is_left_out_and_not_asked_for_again_at_once(bad: str) -> None:
    async def scenario(found: Pictures, network: Network) -> None:
        both = await found.fetch([bad, url("a")])
        assert list(both.by_url) == [url("a")]
        assert both.is_complete
        asked = len(network.paths)
        assert await found.fetch([bad, url("a")]) == both
        assert len(network.paths) == asked
        await asyncio.sleep(pictures.FAILED_SECONDS + 1)
        await found.fetch([bad])
        assert len(network.paths) == 2 * asked - 1

    run(scenario)


def test_a_slow_picture_is_left_out_and_there_the_next_time() -> None:
    async def scenario(found: Pictures, _network: Network) -> None:
        loop = asyncio.get_running_loop()
        started_at = loop.time()
        first = await found.fetch([url("slow3"), url("a")])
        assert loop.time() - started_at == pytest.approx(pictures.WAIT_SECONDS)
        assert (list(first.by_url), first.is_complete) == ([url("a")], False)
        await asyncio.sleep(2)
        second = await found.fetch([url("slow3")])
        assert (list(second.by_url), second.is_complete) == ([url("slow3")], True)

    run(scenario)


def test_a_picture_that_never_comes_fails() -> None:
    async def scenario(found: Pictures, network: Network) -> None:
        await found.fetch([url("slow900")])
        await asyncio.sleep(10)
        assert await found.fetch([url("slow900")]) == FoundPictures({}, is_complete=True)
        assert network.in_flight == 0

    run(scenario)


def test_few_pictures_are_fetched_at_once_and_not_too_many_wait() -> None:
    async def scenario(found: Pictures, network: Network) -> None:
        result = await found.fetch([url(f"{number}-slow1") for number in range(MAX_PENDING + 20)])
        assert not result.is_complete
        assert network.most_in_flight == pictures.MAX_DOWNLOADS
        await asyncio.sleep(60)
        assert len(network.paths) == MAX_PENDING

    run(scenario)


def test_the_kept_pictures_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_CACHED_BYTES", 200)

    async def scenario(found: Pictures, network: Network) -> None:
        for _ in range(2):
            for number in range(8):
                await found.fetch([url(str(number))])
        assert len(network.paths) == 16

    run(scenario)
