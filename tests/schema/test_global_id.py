"""Ids and cursors have one valid spelling each; every other text is rejected."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.errors import BadInput
from providers.registry import Source
from resolvers.pagination import RowPosition
from schema.global_id import MAX_ENCODED_LENGTH, decode, decode_cursor, encode, parse_source

parts_lists = st.lists(st.text(max_size=20) | st.integers() | st.floats(allow_nan=False))


@pytest.mark.slow
@given(parts_lists)
def test_decoding_returns_the_encoded_parts(parts: list[Any]) -> None:
    text = encode(*parts)

    assert list(decode(text, "id")) == json.loads(json.dumps(parts))
    assert text.isascii()
    assert not set("+/=") & set(text)


@pytest.mark.slow
@given(parts_lists, st.data())
def test_a_changed_text_is_rejected(parts: list[Any], data: st.DataObject) -> None:
    text = encode(*parts)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from("AZaz09-_").filter(lambda each: each != text[at]))

    with pytest.raises(BadInput) as raised:
        decode(text[:at] + other + text[at + 1 :], "id")

    assert raised.value.argument == "id"


@pytest.mark.slow
@given(st.text(max_size=60))
def test_any_other_text_is_rejected(text: str) -> None:
    with pytest.raises(BadInput):
        decode(text, "after")


def test_an_overlong_text_is_rejected() -> None:
    with pytest.raises(BadInput):
        decode(encode("x" * MAX_ENCODED_LENGTH), "id")


def test_a_cursor_is_valid_for_its_list_only() -> None:
    cursor = encode("friends", 3, "7")

    assert decode_cursor(cursor, "friends", RowPosition) == RowPosition(3, "7")
    assert decode_cursor(None, "friends", RowPosition) is None
    with pytest.raises(BadInput, match="of this list"):
        decode_cursor(cursor, "games", RowPosition)
    for parts in (("7", 3), (3, "7", -1), (3,)):
        with pytest.raises(BadInput):
            decode_cursor(encode("friends", *parts), "friends", RowPosition)


@pytest.mark.parametrize("name", ["NONE", "psn", "", 1, None])
def test_an_unknown_source_is_rejected(name: object) -> None:
    assert parse_source("PSN", "id") is Source.PSN
    with pytest.raises(BadInput):
        parse_source(name, "id")
