"""Pictures of the sources as data addresses, for pages that may load nothing from elsewhere."""

import asyncio
import time
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from cachetools import TTLCache

from providers.kit.upstream.image_download import (
    TIMEOUT_SECONDS,
    ImageRefused,
    ImageUnreachable,
    detect_image_type,
)

MAX_PICTURE_BYTES = 192 * 1024
MAX_CACHED_BYTES = 16 * 1024 * 1024
KEPT_SECONDS = 86_400.0
# For so long a picture that could not be fetched is left out without another request.
FAILED_SECONDS = 600.0
MAX_FAILED = 2_000
# A page waits no longer. Pictures that arrive later are kept for the next one.
WAIT_SECONDS = 2.0
MAX_DOWNLOADS = 6
MAX_PENDING = 60


def _read_clock() -> float:
    return time.monotonic()


def _create_cache() -> "TTLCache[str, str]":
    return TTLCache(MAX_CACHED_BYTES, KEPT_SECONDS, _read_clock, len)


def _create_failed() -> "TTLCache[str, None]":
    return TTLCache(MAX_FAILED, FAILED_SECONDS, _read_clock)


class Downloader(Protocol):
    """Downloads one picture; what it may raise is listed at `ImageDownloader`."""

    async def download(self, url: str, seconds: float, /) -> bytes: ...


@dataclass(frozen=True)
class FoundPictures:
    """Data addresses by URL; not complete if some of them had not arrived yet."""

    by_url: Mapping[str, str] = field(repr=False)
    is_complete: bool


@dataclass(frozen=True)
class Pictures:
    """Fetches pictures, a few at once, and keeps them in memory."""

    downloader: Downloader
    _found: "TTLCache[str, str]" = field(default_factory=_create_cache, repr=False)
    _failed: "TTLCache[str, None]" = field(default_factory=_create_failed, repr=False)
    _pending: dict[str, "asyncio.Task[None]"] = field(
        default_factory=dict[str, "asyncio.Task[None]"]
    )
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_DOWNLOADS))

    async def fetch(self, urls: Iterable[str | None]) -> FoundPictures:
        """Return the pictures that can be had within two seconds; the others are left out."""
        wanted = list(dict.fromkeys(url for url in urls if url is not None))
        tasks = [self._start(url) for url in wanted if self._is_unknown(url)]
        started = [task for task in tasks if task is not None]
        if started:
            await asyncio.wait(started, timeout=WAIT_SECONDS)
        by_url = {url: found for url in wanted if (found := self._found.get(url)) is not None}
        is_complete = all(url in by_url or url in self._failed for url in wanted)
        return FoundPictures(by_url, is_complete)

    async def aclose(self) -> None:
        """Give up the downloads that are running."""
        pending = list(self._pending.values())
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)

    def _is_unknown(self, url: str) -> bool:
        return url not in self._found and url not in self._failed

    def _start(self, url: str) -> "asyncio.Task[None] | None":
        """Return the running download of a picture; None if too many wait already."""
        task = self._pending.get(url)
        if task is None and len(self._pending) < MAX_PENDING:
            task = self._pending[url] = asyncio.create_task(self._download(url))
            task.add_done_callback(lambda _: self._pending.pop(url, None))
        return task

    async def _download(self, url: str) -> None:
        try:
            async with self._slots:
                content = await self.downloader.download(url, TIMEOUT_SECONDS)
        except (ImageRefused, ImageUnreachable, TimeoutError):
            self._failed[url] = None
            return
        self._found[url] = encode_picture(content)


def encode_picture(content: bytes) -> str:
    """Return a picture as a `data:` address, with the type that its bytes have."""
    return f"data:{detect_image_type(content)};base64,{b64encode(content).decode('ascii')}"
