"""Decodes upstream JSON into declared structs: strict about syntax, tolerant of wrong types.

The fast path decodes the whole body at once. If anything in it does not have its declared type,
the body is salvaged item by item: numbers and strings are converted into each other, an invalid
optional field gets its default, an invalid list item is omitted. `BadResponse` is raised if nothing
can be salvaged. Salvaging is slow, so it is bounded: a body with too many items, or too many
invalid ones, is a `BadResponse` too, as is one with far more values than any source sends.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Annotated, Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import FieldInfo, fields

from providers.errors import BadResponse

T = TypeVar("T")
K = TypeVar("K")

# GraphQL's Int has 32 bits; a larger number becomes unknown rather than an error.
MAX_INT32 = 2**31 - 1
Int32 = Annotated[int, Meta(ge=-MAX_INT32 - 1, le=MAX_INT32)]
NonNegativeInt32 = Annotated[int, Meta(ge=0, le=MAX_INT32)]
FiniteFloat = Annotated[float, Meta(gt=-1e300, lt=1e300)]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECONDS_PER_MINUTE = 60

# Limits of any body. The shortest rows of any source give half as many in 4 MiB.
MAX_OBJECTS = 40_000
MAX_VALUES = 400_000
# Limits of a body that is salvaged.
MAX_SALVAGED_ITEMS = 20_000
MAX_INVALID_ITEMS = 1_000

# Alternatives, in this order: a surrogate pair, a lone surrogate (`half`), and any other escape,
# which is matched so that its backslash is not taken for the start of the next one.
SURROGATE_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}"
    rb"|(?P<half>\\u[dD][89abABc-fC-F][\da-fA-F]{2})"
    rb"|\\."
)


class Model(Struct, kw_only=True, gc=False):
    """Base of all upstream models: every field that may be absent has a default."""


def decode(body: bytes, target: type[T], source: str) -> T:
    """Decode a body as the declared type, or salvage it. Raise `BadResponse`."""
    if len(body) > MAX_OBJECTS and _has_too_many_values(body):
        raise build_unreadable_error(source)
    try:
        return msgspec.json.decode(body, type=target, strict=False)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError):
        return salvage(parse_json(body, source), target, source)


def _has_too_many_values(body: bytes) -> bool:
    return body.count(b"{") > MAX_OBJECTS or body.count(b",") > MAX_VALUES


def parse_json(body: bytes, source: str) -> Any:
    """Decode a body of any type. Raise `BadResponse` if it is not JSON."""
    for text in (body, _replace_lone_surrogates(body)):
        try:
            return msgspec.json.decode(text)
        except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError):
            continue
    raise build_unreadable_error(source)


def count_items(body: bytes, name: str) -> int:
    """Count the items of a member that is a list, those that cannot be decoded too."""
    try:
        members = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        return len(msgspec.json.decode(members[name], type=list[msgspec.Raw]))
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError, KeyError):
        return 0


def _replace_lone_surrogates(body: bytes) -> bytes:
    """Replace lone surrogates: an upstream may cut a text in the middle of a character."""
    return SURROGATE_ESCAPE.sub(lambda match: rb"\ufffd" if match["half"] else match[0], body)


def salvage(value: Any, target: Any, source: str) -> Any:
    """Convert a decoded value to the declared type as far as possible. Raise `BadResponse`."""
    try:
        return _Salvager().read(value, target)
    except (msgspec.MsgspecError, RecursionError, ValueError, _SalvageLimitExceeded):
        raise build_unreadable_error(source) from None


def build_unreadable_error(source: str) -> BadResponse:
    """Build the error of a response that is not what the source's API documents."""
    return BadResponse("The source sent a response that cannot be read.", source=source)


class _SalvageLimitExceeded(Exception):
    """The body has more items, or more invalid ones, than are salvaged."""


@dataclass
class _Salvager:
    """Salvages one body, and counts its items."""

    item_count: int = 0
    invalid_count: int = 0

    def read(self, value: Any, target: Any) -> Any:
        struct = _find_struct(target)
        if struct is not None and isinstance(value, dict):
            return self._read_struct(cast("dict[str, Any]", value), struct)
        item_type = _get_item_type(target)
        if item_type is not None and isinstance(value, list):
            return self._read_list(cast("list[Any]", value), item_type, target)
        value_type = _get_value_type(target)
        if value_type is not None and isinstance(value, dict):
            members = cast("dict[str, Any]", value)
            return dict(self._read_valid_items(members.items(), len(members), value_type))
        return _read_scalar(value, target)

    def _read_struct(self, value: dict[str, Any], struct: type[Struct]) -> Any:
        hints = _get_hints(struct)
        values: dict[str, Any] = {}
        for field in _get_fields(struct):
            if field.encode_name not in value:
                continue
            try:
                values[field.name] = self.read(value[field.encode_name], hints[field.name])
            except msgspec.MsgspecError:
                if field.required:
                    raise
        try:
            return struct(**values)
        except TypeError:
            raise msgspec.ValidationError(struct.__name__) from None

    def _read_list(self, values: list[Any], item_type: Any, target: Any) -> Any:
        items = self._read_valid_items(enumerate(values), len(values), item_type)
        valid = [value for _, value in items]
        if values and not valid:
            # An empty list would say that there is nothing, which is not known.
            raise msgspec.ValidationError("no item of the list is valid")
        return tuple(valid) if _find_container(target)[0] is tuple else valid

    def _read_valid_items(
        self, values: Iterable[tuple[K, Any]], count: int, item_type: Any
    ) -> Iterator[tuple[K, Any]]:
        self.item_count += count
        if self.item_count > MAX_SALVAGED_ITEMS:
            raise _SalvageLimitExceeded
        for key, value in values:
            try:
                yield key, self.read(value, item_type)
            except msgspec.MsgspecError:
                self.invalid_count += 1
                if self.invalid_count > MAX_INVALID_ITEMS:
                    raise _SalvageLimitExceeded from None


def _read_scalar(value: Any, target: Any) -> Any:
    try:
        return msgspec.convert(value, target, strict=False)
    except msgspec.ValidationError:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return msgspec.convert(str(value), target, strict=False)
        raise


@cache
def _get_fields(struct: type[Struct]) -> tuple[FieldInfo, ...]:
    return fields(struct)


@cache
def _get_hints(struct: type[Struct]) -> dict[str, Any]:
    return get_type_hints(struct, include_extras=True)


def _get_union_members(target: Any) -> tuple[Any, ...]:
    return get_args(target) if get_origin(target) in (Union, type(int | str)) else (target,)


def _find_struct(target: Any) -> type[Struct] | None:
    for member in _get_union_members(target):
        if isinstance(member, type) and issubclass(member, Struct):
            return member
    return None


def _find_container(target: Any) -> tuple[Any, tuple[Any, ...]]:
    for member in _get_union_members(target):
        origin = get_origin(member)
        if origin in (list, tuple, dict):
            return origin, get_args(member)
    return None, ()


def _get_item_type(target: Any) -> Any:
    origin, arguments = _find_container(target)
    return arguments[0] if origin in (list, tuple) else None


def _get_value_type(target: Any) -> Any:
    origin, arguments = _find_container(target)
    return arguments[1] if origin is dict else None


def parse_time(value: str | float | None) -> datetime | None:
    """Parse an ISO 8601 text, or a number of seconds since 1970, to a time in UTC.

    A text without an offset is in UTC. An invalid time, or one that is not after 1970, is None:
    upstreams use those for unknown times.
    """
    if value is None or isinstance(value, str):
        return parse_iso_time(value)
    try:
        time = EPOCH + timedelta(seconds=value)
    except (ValueError, OverflowError, TypeError):
        return None
    return time if time > EPOCH else None


def parse_iso_time(text: str | None) -> datetime | None:
    """Parse an ISO 8601 text to a time in UTC, as `parse_time` does."""
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
        if time.tzinfo is not UTC:
            time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except ValueError:
        stripped = text.strip()
        return None if stripped == text else parse_iso_time(stripped)
    except OverflowError:
        return None
    return time if time > EPOCH else None


def convert_minutes(minutes: float | None) -> int | None:
    """Return whole minutes in seconds; None for an unknown or invalid number of them."""
    if minutes is None or not 0 <= minutes <= MAX_INT32 // SECONDS_PER_MINUTE:
        return None
    return int(minutes) * SECONDS_PER_MINUTE


def parse_milliseconds(value: str | int | None) -> datetime | None:
    """Parse milliseconds since 1970, a number or a text, to a time in UTC."""
    try:
        return parse_time(int(value or 0) / 1000)
    except (ValueError, OverflowError):
        return None
