"""Emblems: the same for the same name."""

import struct
import zlib

from server.sandbox.emblem import CELL, MARGIN, SIZE, Emblem, draw_png, draw_svg


def test_an_emblem_is_the_same_for_the_same_name_and_another_for_another() -> None:
    assert draw_svg(Emblem("0a")) == draw_svg(Emblem("0a")) != draw_svg(Emblem("0b"))
    assert draw_png(Emblem("0a")) == draw_png(Emblem("0a")) != draw_png(Emblem("0b"))


def test_a_gray_emblem_has_the_same_cells() -> None:
    gray = Emblem("0a", is_gray=True)

    assert " 0%" in draw_svg(gray)
    assert gray.list_cells() == Emblem("0a").list_cells()


def test_no_part_of_a_name_is_in_the_picture() -> None:
    assert "script" not in draw_svg(Emblem("<script>"))


def test_the_png_has_the_cells_of_the_emblem() -> None:
    emblem = Emblem("a name with cells")
    content = draw_png(emblem)
    start = content.index(b"IDAT")
    (length,) = struct.unpack(">I", content[start - 4 : start])
    rows = zlib.decompress(content[start + 4 : start + 4 + length])
    width = 1 + 3 * SIZE
    background = rows[1:4]

    def is_light(row: int, column: int) -> bool:
        y, x = (MARGIN + CELL * place + CELL // 2 for place in (row, column))
        return rows[y * width + 1 + 3 * x :][:3] != background

    found = [(row, column) for row in range(5) for column in range(5) if is_light(row, column)]
    assert found == emblem.list_cells() != []
