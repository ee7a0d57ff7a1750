"""The words of the pages."""

from pathlib import Path
from xml.etree.ElementTree import Element, fromstring, tostring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.registry import Source
from resolvers.status import SourceState
from server.pages import templates, texts
from tests.conformance.processes import find_node, run_script

FORMAT_SCRIPT = Path(__file__).with_name("format_texts.mjs")
SCRIPT_TEXTS = templates.FOLDER.parent / "static" / "texts.js"
ANY_TEXT = st.text(st.characters(min_codepoint=0))


def test_every_source_and_state_has_words() -> None:
    assert all(texts.name_source(source.name) for source in Source)
    assert {each.name for each in SourceState} <= set(texts.STATES)
    assert set(texts.STATES_BY_WEIGHT) == {each.name for each in SourceState}
    assert set(texts.STATES_BY_CODE.values()) <= set(texts.STATES)


def test_numbers_and_times_are_readable_and_unknown_is_a_dash() -> None:
    assert texts.format_number(12_345) == "12,345"
    assert texts.format_number(0) == "0"
    assert texts.format_number(None) == texts.UNKNOWN
    assert [texts.format_percent(each) for each in (0, 0.04, 4.25, 100)] == [
        "0.0%",
        "0.04%",
        "4.3%",
        "100.0%",
    ]
    durations = [texts.format_duration(each) for each in (59, 3_599, 3_600, 7_200_000)]
    assert durations == ["0 min", "59 min", "1 h", "2,000 h"]
    assert texts.format_time("2026-10-05T21:05:33.123456Z") == "5 Oct 2026, 21:05 UTC"
    assert texts.name_kind("TROPHY_POINTS") == "trophy points"
    assert [texts.name_entry(each) for each in ("First Light", "", None)] == [
        "First Light",
        texts.UNNAMED,
        texts.UNNAMED,
    ]


@pytest.mark.parametrize(
    ("url", "is_shown"),
    [
        ("https://a.example/x.png", True),
        ("http://127.0.0.1:8000/x.png", True),
        ("HTTPS://a.example/", True),
        ("javascript:alert(1)", False),
        ("data:image/png;base64,AA", False),
        ("//a.example/x.png", False),
        ("/x.png", False),
        ("https:x.png", False),
        ("https://[", False),
        ("", False),
        (None, False),
    ],
)
def test_only_addresses_of_the_web_are_shown(url: str | None, is_shown: bool) -> None:
    assert texts.select_web_url(url) == (url if is_shown else None)


@pytest.mark.slow
def test_the_scripts_have_the_same_texts() -> None:
    if find_node() is None:
        pytest.skip("needs Node 20 or newer")
    percents = [hundredths / 100 for hundredths in range(10_001)]
    kinds = ["PLATINUM", "TROPHY_POINTS"]
    payload = {"file": str(SCRIPT_TEXTS), "percents": percents, "kinds": kinds}
    assert run_script(FORMAT_SCRIPT, payload=payload) == {
        "unnamed": texts.UNNAMED,
        "percents": [texts.format_percent(each) for each in percents],
        "kinds": [texts.name_kind(each) for each in kinds],
    }


@pytest.mark.slow
@given(ANY_TEXT)
def test_any_text_is_well_formed_xml_once_it_is_clean(text: str) -> None:
    element = Element("text")
    element.text = texts.clean_text(text)
    read = fromstring(tostring(element))  # noqa: S314 - none of its entities is another's
    assert (read.text or "") == element.text
    assert "\n" not in element.text


def test_what_does_not_show_is_removed_and_the_rest_kept() -> None:
    assert texts.clean_text(None) == ""
    assert texts.clean_text(" a\x00\x1b\u202eb\r\n\tc\ufffe ") == "ab c"
    assert texts.clean_text("<b>&amp;") == "<b>&amp;"
    assert texts.clean_text("👨‍👩‍👧") == "👨‍👩‍👧"
