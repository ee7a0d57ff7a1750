"""The spellings of gamertags, and what can never be one."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.errors import BadInput
from providers.xbox.identifiers import (
    build_classic_gamertag,
    fold_gamertag,
    is_gamertag,
    is_title_id,
    is_xuid,
    parse_handle,
)
from providers.xbox.routes import SEARCH


@pytest.mark.parametrize(
    ("gamertag", "classic"),
    [("Ada", "Ada"), ("Ada#1234", "Ada1234"), ("Ada B #12", "Ada B12"), ("Ada1234", "Ada1234")],
)
def test_the_classic_form_has_the_suffix_behind_the_name(gamertag: str, classic: str) -> None:
    assert build_classic_gamertag(gamertag) == classic


def test_case_blanks_and_the_mark_make_no_difference() -> None:
    spellings = ["Ada Byron#12", "ADA BYRON12", "adabyron12", "Ada  Byron #12"]

    assert len(set(map(fold_gamertag, spellings))) == 1
    assert fold_gamertag("Ada") != fold_gamertag("Ada#12")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2535400000000001", True),
        ("253540000000000", False),
        ("25354000000000011", False),
        ("٢٥٣٥٤٠٠٠٠٠٠٠٠٠٠١", False),
        ("2535400000000001\n", False),
    ],
)
def test_an_xuid_has_sixteen_digits(text: str, *, expected: bool) -> None:
    assert is_xuid(text) is expected


@pytest.mark.parametrize("text", ["0", "01", "4294967296", "٤", "1 ", ""])
def test_a_title_id_is_a_number_of_32_bits(text: str) -> None:
    assert not is_title_id(text)
    assert is_title_id("4294967295")


@pytest.mark.slow
@given(st.text(max_size=30))
def test_any_text_is_a_handle_or_bad_input(text: str) -> None:
    with suppress(BadInput):
        handle = parse_handle(text)
        assert handle == "me" or is_xuid(handle) or is_gamertag(handle)


@pytest.mark.slow
@given(st.text(max_size=30))
def test_a_parameter_never_changes_the_path(text: str) -> None:
    (path, *_) = SEARCH.build_paths(gamertag=text)

    assert path.startswith("search/")
    assert not set(path.removeprefix("search/")) & set("/?#\\\r\n \0")
