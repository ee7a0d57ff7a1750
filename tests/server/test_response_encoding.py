"""Encoding of responses within 8 MiB."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.errors import TooCostly
from server.response_encoding import MAX_RESPONSE_BYTES, encode_response

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


@pytest.mark.slow
@given(VALUES)
def test_pieces_together_are_the_json_of_the_whole(value: object) -> None:
    assert json.loads(encode_response({"data": value})) == {"data": value}


def test_a_response_over_eight_mebibytes_is_rejected_before_all_of_it_is_encoded() -> None:
    text = "a" * 1_000_000
    shared = [{"description": text}] * 8

    assert len(encode_response({"data": {"a": shared}})) < MAX_RESPONSE_BYTES
    with pytest.raises(TooCostly, match=r"larger than 8,388,608 bytes"):
        encode_response(
            {"data": {f"a{number}": shared for number in range(1_000_000_000 // 10**7)}}
        )
