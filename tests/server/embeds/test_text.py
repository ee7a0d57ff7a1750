"""Texts of upstreams: safe in XML, on one line, and as wide as there is room."""

from xml.etree.ElementTree import Element, tostring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.embeds.text import ELLIPSIS, clean_text, is_right_to_left, measure, shorten
from tests.server.embeds.profiles import parse_xml

ANY_TEXT = st.text(st.characters(min_codepoint=0))


@pytest.mark.slow
@given(ANY_TEXT)
def test_any_text_is_well_formed_xml_once_it_is_clean(text: str) -> None:
    element = Element("text")
    element.text = clean_text(text)
    assert (parse_xml(tostring(element, encoding="utf-8")).text or "") == element.text
    assert "\n" not in element.text


def test_what_does_not_show_is_removed_and_the_rest_kept() -> None:
    assert clean_text(None) == ""
    assert clean_text(" a\x00\x1b\u202eb\r\n\tc\ufffe ") == "ab c"
    assert clean_text("<b>&amp;") == "<b>&amp;"
    assert clean_text("👨‍👩‍👧") == "👨‍👩‍👧"


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
