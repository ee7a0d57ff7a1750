"""The sandbox's pictures for documents that have their pictures inside."""

from hashlib import blake2s
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from schema.sandbox_addresses import IMAGES_PATH
from server.sandbox.emblem import Emblem, draw_png


class SandboxPictures:
    """Draws the picture of any address, without a network."""

    async def download(self, url: str, _seconds: float, /) -> bytes:
        """Return a PNG picture: of this server's own addresses the emblem that is served there."""
        path = PurePosixPath(urlsplit(url).path)
        is_own = path.is_relative_to(IMAGES_PATH)
        return draw_png(Emblem(path.stem if is_own else blake2s(url.encode()).hexdigest()))
