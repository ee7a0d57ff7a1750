"""Encoding of responses within 8 MiB."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.errors import TooCostly
from server.response_encoding import MAX_RESPONSE_BYTES, encode_members, encode_response
from server.response_parts import JOINED_BYTES, MIN_PART_BYTES

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


def test_small_pieces_are_joined_and_large_ones_are_not_copied() -> None:
    large = [msgspec.Raw(json.dumps(letter * MIN_PART_BYTES).encode()) for letter in "lm"]
    texts = ["c" * 100] * 1_000
    parts = encode_members({"a": "b", "large": large, "texts": texts})

    assert parts[0] == b'{"a":"b","large":['
    assert memoryview(parts[1]).obj is large[0]
    assert parts[2] == b","
    assert memoryview(parts[3]).obj is large[1]
    assert max(map(len, parts)) < JOINED_BYTES + MIN_PART_BYTES
    values = ["l" * MIN_PART_BYTES, "m" * MIN_PART_BYTES]
    assert json.loads(b"".join((*parts, b"}"))) == {"a": "b", "large": values, "texts": texts}
    assert encode_members({}) == ()
