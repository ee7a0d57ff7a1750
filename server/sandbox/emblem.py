"""Emblems: symmetric patterns in two shades of one color, different for each name."""

import struct
import zlib
from colorsys import hls_to_rgb
from dataclasses import dataclass

SIZE = 64  # pixels of a side
CELLS = 5  # of a side
CELL = 10  # pixels of a side
MARGIN = 7  # pixels
HUE_DEGREES = 360
DARK, LIGHT = 28, 72  # percent


@dataclass(frozen=True)
class Emblem:
    """The same for the same name."""

    name: str
    is_gray: bool = False

    @property
    def hue(self) -> int:
        return self._number % HUE_DEGREES

    @property
    def saturation(self) -> int:
        """Percent."""
        return 0 if self.is_gray else 60

    @property
    def _number(self) -> int:
        return int.from_bytes(self.name.encode(), "big")

    def list_cells(self) -> list[tuple[int, int]]:
        """List the row and the column of each light cell."""
        return [
            (row, column)
            for row in range(CELLS)
            for column in range(CELLS)
            if self._number >> (3 * row + min(column, CELLS - 1 - column)) & 1
        ]


def draw_svg(emblem: Emblem) -> str:
    """Draw an emblem as an SVG document."""
    dark, light = (
        f"hsl({emblem.hue} {emblem.saturation}% {lightness}%)" for lightness in (DARK, LIGHT)
    )
    cells = "".join(
        f'<path d="M{MARGIN + CELL * column} {MARGIN + CELL * row}h{CELL}v{CELL}h-{CELL}z"/>'
        for row, column in emblem.list_cells()
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" width="{SIZE}"'
        f' height="{SIZE}"><rect width="{SIZE}" height="{SIZE}" rx="10" fill="{dark}"/>'
        f'<g fill="{light}">{cells}</g></svg>'
    )


def draw_png(emblem: Emblem) -> bytes:
    """Draw an emblem as a PNG picture."""
    dark, light = (_convert_to_rgb(emblem, lightness) for lightness in (DARK, LIGHT))
    cells = set(emblem.list_cells())
    lines = [
        b"\0" + b"".join(light if (row, column) in cells else dark for column in _list_places())
        for row in _list_places()
    ]
    header = struct.pack(">IIBBBBB", SIZE, SIZE, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(lines))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_encode_chunk(*chunk) for chunk in chunks)


def _list_places() -> list[int]:
    """List the row or the column of each pixel of a side; those of the margin have no cell."""
    return [(pixel - MARGIN) // CELL for pixel in range(SIZE)]


def _convert_to_rgb(emblem: Emblem, lightness: int) -> bytes:
    shares = hls_to_rgb(emblem.hue / HUE_DEGREES, lightness / 100, emblem.saturation / 100)
    return bytes(round(255 * share) for share in shares)


def _encode_chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)
