"""The sandbox's pictures for documents that have their pictures inside."""

from pathlib import PurePosixPath
from urllib.parse import urlsplit

from server.sandbox.emblem import Emblem, draw_png


class SandboxPictures:
    """Draws the picture of any address, without a network."""

    async def download(self, url: str, _seconds: float, /) -> bytes:
        """Return a PNG picture: of this server's own addresses the emblem that is served there."""
        return draw_png(Emblem(PurePosixPath(urlsplit(url).path).stem))
