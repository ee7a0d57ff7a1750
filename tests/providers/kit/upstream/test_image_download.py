"""The types of pictures by their bytes; what is refused is tested where PSN's pictures are."""

import asyncio

import httpx
import pytest

from providers.kit.upstream.image_download import (
    GIF,
    JPEG,
    PNG,
    WEBP,
    ImageDownloader,
    ImageRefused,
    detect_image_type,
)


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"\x89PNG\r\n\x1a\n...", PNG),
        (b"\xff\xd8\xff\xe0...", JPEG),
        (b"GIF87a...", GIF),
        (b"GIF89a...", GIF),
        (b"RIFF\n\x00\x00\x00WEBPVP8 ", WEBP),
        (b"RIFF\n\x00\x00\x00WAVEfmt ", None),
        (b"GIF88a", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"\n\x89PNG\r\n\x1a\n", None),
        (b"", None),
    ],
)
def test_a_picture_is_known_by_its_first_bytes(content: bytes, media_type: str | None) -> None:
    assert detect_image_type(content) == media_type


@pytest.mark.parametrize(
    ("status", "content", "requirement"),
    [
        (200, b"<svg/>", "the URL of a GIF or WEBP picture"),
        (200, b"\x89PNG\r\n\x1a\n", "the URL of a GIF or WEBP picture"),
        (200, b"GIF89a" + b"\0" * 2048, "the URL of a picture of at most 2 KiB"),
        (302, b"GIF89a", "the URL of a picture, without redirects"),
    ],
)
def test_what_is_refused_is_said(status: int, content: bytes, requirement: str) -> None:
    async def resolve(_host: str) -> list[str]:
        return ["93.184.216.34"]

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, stream=httpx.ByteStream(content))

    downloader = ImageDownloader(
        "cdn.example".__eq__, (GIF, WEBP), 2048, resolve, lambda: httpx.MockTransport(answer)
    )
    with pytest.raises(ImageRefused) as caught:
        asyncio.run(downloader.download("https://CDN.example/a", 5))
    assert caught.value.requirement == requirement
