"""Decoding upstream JSON: what is salvaged, and what is a bad response."""

import json
import math
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.errors import BadResponse
from providers.kit.upstream.decode import (
    MAX_INT32,
    FiniteFloat,
    Int32,
    Model,
    NonNegativeInt32,
    convert_minutes,
    decode,
    parse_milliseconds,
    parse_time,
)
from tests.server.operation_checks import assert_quick

SOURCE = "SOURCE"
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


class Part(Model, kw_only=True):
    name: str
    size: NonNegativeInt32 | None = None


class Empty(Model, kw_only=True):
    name: str | None = None


class Thing(Model, kw_only=True, rename="camel"):
    native_id: str
    label: str | None = None
    whole: Int32 | None = None
    share: FiniteFloat | None = None
    is_new: bool | None = None
    part: Part | None = None
    parts: list[Part] | None = None
    by_name: dict[str, Part] | None = None


NAMES = st.sampled_from(
    ["nativeId", "label", "whole", "share", "isNew", "part", "parts", "byName", "name", "size"]
)
NEARLY_VALID = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=25,
)


def decode_thing(**members: Any) -> Thing:
    return decode(json.dumps({"nativeId": "a", **members}).encode(), Thing, SOURCE)


@pytest.mark.parametrize(
    ("sent", "decoded"),
    [
        (r"cut \ud83d", "cut \ufffd"),
        (r"\udFAA first", "\ufffd first"),
        (r"\ud83d\ud83c\udfae", "\ufffd\U0001f3ae"),
        (r"\\\ud83d", "\\\ufffd"),
        (r"\\ud83d \ud83d", "\\ud83d \ufffd"),
    ],
)
def test_a_lone_surrogate_does_not_break_other_fields(sent: str, decoded: str) -> None:
    body = '{"nativeId": "a", "label": "%s", "whole": "7"}' % sent  # noqa: UP031 - braces

    assert decode(body.encode(), Thing, SOURCE) == Thing(native_id="a", label=decoded, whole=7)


def check_declared_types(thing: object) -> None:
    """Check that a decoded value has its declared types only."""
    assert isinstance(thing, Thing)
    assert isinstance(thing.native_id, str)
    assert thing.label is None or isinstance(thing.label, str)
    assert thing.whole is None or -(2**31) <= thing.whole < 2**31
    assert thing.share is None or math.isfinite(thing.share)
    assert thing.is_new in (None, True, False)
    parts = [*(thing.parts or []), *(thing.by_name or {}).values()]
    for part in [*parts, *([thing.part] if thing.part else [])]:
        assert isinstance(part.name, str)
        assert part.size is None or 0 <= part.size < 2**31


@pytest.mark.slow
@given(st.binary(max_size=200))
def test_any_bytes_are_decoded_or_rejected(body: bytes) -> None:
    with suppress(BadResponse):
        check_declared_types(decode(body, Thing, SOURCE))


@pytest.mark.slow
@given(ANY_JSON)
def test_any_json_is_decoded_or_rejected(value: Any) -> None:
    with suppress(BadResponse):
        check_declared_types(decode(json.dumps(value).encode(), Thing, SOURCE))


@pytest.mark.slow
@given(st.dictionaries(NAMES, NEARLY_VALID))
def test_an_object_with_an_id_is_always_decoded(members: dict[str, Any]) -> None:
    check_declared_types(decode_thing(**{**members, "nativeId": "a"}))


@pytest.mark.slow
@given(st.lists(NEARLY_VALID, max_size=6))
def test_valid_items_of_a_list_are_kept_among_invalid_ones(items: list[Any]) -> None:
    valid = {"name": "valid", "size": 3}

    parts = decode_thing(parts=[*items, valid, *items]).parts

    assert parts is not None
    assert Part(name="valid", size=3) in parts


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"null",
        b"7",
        b'"text"',
        b"[]",
        b"{}",
        b'{"nativeId": []}',
        b"{nativeId: 'a'}",
        b'{"nativeId": "a"',
        b'{"nativeId": "a"}}',
        b'{"nativeId": "a", "x": NaN}',
        b'{"nativeId": "\xff"}',
        b"<html></html>",
        b"[" * 50_000,
        b'{"a":' * 50_000,
        b'{"nativeId": ' + b"9" * 5000 + b"}",
    ],
)
def test_a_body_of_another_type_is_a_bad_response(body: bytes) -> None:
    with pytest.raises(BadResponse) as error:
        decode(body, Thing, SOURCE)
    assert error.value.source == SOURCE


@pytest.mark.parametrize(
    "parts",
    [
        [1] * 1_001,
        [*[1] * 900, {"name": "valid"}, *["name"] * 101],
        {str(number): {"size": 1} for number in range(1_001)},
        [{"name": "valid", "size": "many"}] * 20_001,
        {str(number): {"name": "valid", "size": "many"} for number in range(20_001)},
    ],
    ids=["invalid", "mixed", "invalid by name", "long", "long by name"],
)
def test_a_list_with_too_many_invalid_items_is_a_bad_response(parts: Any) -> None:
    with pytest.raises(BadResponse):
        decode_thing(parts=parts, byName=parts)


@pytest.mark.slow
def test_a_thousand_invalid_items_are_omitted() -> None:
    parts = decode_thing(
        parts=[*[1] * 999, *[{"name": "valid", "size": "many"}] * 10_000, []]
    ).parts
    assert parts == [Part(name="valid")] * 10_000


@pytest.mark.parametrize(
    ("body", "target"),
    [
        (b"[" + b",".join([b"{}"] * 1_390_000) + b"]", list[Empty]),
        (b"[" + b",".join([b"1"] * 2_000_000) + b"]", list[Thing]),
        (b"[" + b",".join([b"[]"] * 1_390_000) + b"]", list[Thing]),
        (b"[" + b",".join([b'""'] * 1_390_000) + b"]", list[str]),
    ],
)
def test_four_megabytes_of_tiny_items_are_rejected_quickly(body: bytes, target: Any) -> None:
    with assert_quick(), pytest.raises(BadResponse):
        decode(body, target, SOURCE)


def test_undeclared_fields_are_ignored() -> None:
    assert decode_thing(other=[1, {"x": None}], label="L") == Thing(native_id="a", label="L")


@pytest.mark.parametrize(
    ("member", "value", "expected"),
    [
        ("whole", "12", 12),
        ("whole", 12.0, 12),
        ("whole", "twelve", None),
        ("whole", 2**31, None),
        ("whole", -(2**31), -(2**31)),
        ("whole", [], None),
        ("label", 7, "7"),
        ("label", 1.5, "1.5"),
        ("label", {}, None),
        ("share", "0.5", 0.5),
        ("share", 1, 1.0),
        ("share", "much", None),
        ("is_new", "true", True),
        ("is_new", "perhaps", None),
        ("is_new", [], None),
    ],
)
def test_numbers_and_strings_are_coerced(member: str, value: Any, expected: Any) -> None:
    name = {"is_new": "isNew"}.get(member, member)

    assert getattr(decode_thing(**{name: value}), member) == expected


def test_an_invalid_nested_object_becomes_null_alone() -> None:
    found = decode_thing(part={"size": 3}, label="L", byName={"x": {"name": "X"}, "y": 7})

    assert (found.part, found.label) == (None, "L")
    assert found.by_name == {"x": Part(name="X")}


def test_an_invalid_nested_field_becomes_null_alone() -> None:
    assert decode_thing(part={"name": "P", "size": -1}).part == Part(name="P")


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2026-05-04T03:02:01Z", datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)),
        ("2026-05-04T03:02:01.250000Z", datetime(2026, 5, 4, 3, 2, 1, 250_000, tzinfo=UTC)),
        ("2026-05-04 03:02:01", datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)),
        ("2026-05-04T05:02:01+02:00", datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)),
        (" 2026-05-04T03:02:01Z ", datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)),
        (1_777_863_721, datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)),
        (None, None),
        ("", None),
        ("soon", None),
        ("0001-01-01T00:00:00", None),
        ("1970-01-01T00:00:00Z", None),
        (0, None),
        (-5, None),
        (1e300, None),
    ],
)
def test_a_time_is_parsed_in_any_format(text: str | float | None, when: datetime | None) -> None:
    assert parse_time(text) == when


BLANKS = st.text(" \t\n\x85\u2003", max_size=3)
TIMES = st.datetimes().map(datetime.isoformat) | st.from_regex(
    r"[0-9]{4}-?(W?[0-9]{2})-?[0-9]{0,2}([ T][0-9:]{0,8}([.,][0-9]{0,7})?(Z|[+-][0-9:]{2,5})?)?",
    fullmatch=True,
)


@pytest.mark.slow
@given(TIMES | st.text(), BLANKS, BLANKS)
def test_blanks_around_a_time_are_ignored(text: str, before: str, after: str) -> None:
    assert parse_time(f"{before}{text}{after}") == parse_time(text.strip())


@pytest.mark.slow
@given(st.text() | st.floats() | st.integers())
def test_any_time_is_parsed_or_unknown(text: str | float) -> None:
    when = parse_time(text)

    assert when is None or (when.tzinfo is UTC and when.year >= 1970)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("1777863721250", datetime(2026, 5, 4, 3, 2, 1, 250_000, tzinfo=UTC)),
        ("0", None),
        (None, None),
        ("x", None),
        ("9" * 400, None),
    ],
)
def test_milliseconds_are_parsed_from_text(text: str | None, when: datetime | None) -> None:
    assert parse_milliseconds(text) == when


@pytest.mark.parametrize(
    ("minutes", "seconds"),
    [
        (0, 0),
        (2, 120),
        (2.9, 120),
        (35_791_394, 2_147_483_640),
        (35_791_395, None),
        (-1, None),
        (None, None),
    ],
)
def test_minutes_are_seconds_as_far_as_these_fit(
    minutes: float | None, seconds: int | None
) -> None:
    assert convert_minutes(minutes) == seconds
    assert seconds is None or seconds <= MAX_INT32
