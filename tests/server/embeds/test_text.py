"""Texts in pictures: as wide as there is room, and cut between characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.embeds.text import ELLIPSIS, is_right_to_left, measure, shorten

ANY_TEXT = st.text(st.characters(min_codepoint=0))


@pytest.mark.slow
@given(ANY_TEXT, st.floats(20, 500), st.floats(8, 40))
def test_a_shortened_text_fits(text: str, width: float, size: float) -> None:
    shortened = shorten(text, width, size)
    assert measure(shortened, size) <= max(width, measure(ELLIPSIS, size)) + 0.001
    assert shortened == text or shortened.endswith(ELLIPSIS)


@pytest.mark.parametrize("text", ["e\u0301" * 40, "👍🏽" * 40, "👨‍👩‍👧‍👦" * 40])
def test_a_text_is_cut_between_what_people_see_as_characters(text: str) -> None:
    unit = text[: len(text) // 40]
    for width in range(20, 300, 7):
        kept = shorten(text, width, 12).removesuffix(ELLIPSIS)
        assert kept == unit * (len(kept) // len(unit))


def test_wide_letters_take_more_room() -> None:
    assert measure("世界", 10) > measure("WW", 10) > measure("aa", 10) > measure("ii", 10)
    assert measure("e\u0301", 10) == measure("e", 10)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("abc", False), ("123 שלום", True), ("مرحبا abc", True), ("a שלום", False), ("", False)],
)
def test_the_first_letter_decides_the_direction(text: str, expected: bool) -> None:
    assert is_right_to_left(text) == expected
