"""The pictures of the sandbox: a square in a colour of its own for each address."""

import struct
import zlib
from collections.abc import Sequence
from hashlib import blake2b

import httpx

SIZE = 64  # pixels
PUBLIC_ADDRESS = "1.1.1.1"  # nothing is sent there


class SandboxPictures(httpx.AsyncBaseTransport):
    """A transport that answers every request with a picture, without a network."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return a PNG picture."""
        name = f"{request.headers.get('host', '')}{request.url.raw_path.decode()}"
        color = blake2b(name.encode(), digest_size=3).digest()
        return httpx.Response(200, stream=httpx.ByteStream(draw_square(color)))


async def resolve_sandbox_host(_host: str) -> Sequence[str]:
    """Return an address that passes the checks."""
    return [PUBLIC_ADDRESS]


def draw_square(color: bytes) -> bytes:
    """Return a PNG picture in one colour, three bytes of red, green and blue."""
    header = struct.pack(">IIBBBBB", SIZE, SIZE, 8, 2, 0, 0, 0)
    rows = (b"\0" + color * SIZE) * SIZE
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_encode_chunk(*chunk) for chunk in chunks)


def _encode_chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)
