"""Writes the functions that complete objects of plain fields.

A function written for one selection reads each attribute by its name and checks each value in
place, in less than half of the time that a loop over the fields takes. Its source contains nothing
that a caller wrote: the names in it are numbered variables and attributes of the schema's types,
and response names are values that it is given.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from types import CodeType
from typing import Any

from schema.completers import Completer, FastField, find_python_type, make_type_check
from schema.from_record import RECORD, ReadsRecord

MAX_SOURCES = 500  # compiled functions that are kept, whichever operations they are for
NONE = type(None)
INDENT = "\n    "


def write_object_completer(
    names: Sequence[str], fields: Sequence[FastField], graphql_type: Any, *, is_nullable: bool
) -> Completer:
    """Build the completer that `complete_object` builds, as a function of its own.

    `names` are all response names in their order; those without a field get None.
    """
    numbers = {name: number for number, name in enumerate(names)}
    numbered = {numbers[each.name]: each for each in fields}
    lines = [
        *_write_check(graphql_type, is_nullable=is_nullable),
        *(line for number, each in numbered.items() for line in _write_field(number, each)),
        _write_result(len(names), numbered),
    ]
    namespace: dict[str, Any] = {f"n{number}": name for name, number in numbers.items()}
    for number, each in numbered.items():
        namespace |= _name_values(number, each)
    known_types = {find_python_type(graphql_type)} - {None}
    namespace |= {"known": known_types, "check": make_type_check(graphql_type, known_types)}
    exec(compile_source(INDENT.join(("def complete(o):", *lines))), namespace)  # noqa: S102 - see above
    return Completer(namespace["complete"], frozenset({NONE} if is_nullable else ()))


@lru_cache(MAX_SOURCES)
def compile_source(source: str) -> CodeType:
    return compile(source, "<plan>", "exec")


def _write_check(graphql_type: Any, *, is_nullable: bool) -> Iterator[str]:
    yield "if type(o) not in known:"
    if is_nullable:
        yield "    if o is None: return None"
    yield "    check(o)"
    origin = find_python_type(graphql_type)
    has_record = origin is not None and issubclass(origin, ReadsRecord)
    yield f"r = o.__dict__.get({RECORD!r}, o)" if has_record else "r = o"


def _write_field(number: int, each: FastField) -> Iterator[str]:
    """Write how a field is read, and completed unless its value stays as it is."""
    value, completer = f"v{number}", each.completer
    if each.attribute:
        yield f"{value} = r.{each.attribute}"
    else:
        yield f"{value} = f{number}(o)"
    conditions = [
        f"{value} is not None" if each_type is NONE else f"type({value}) is not t{number}"
        for each_type in completer.unchanged
    ]
    if completer.limited_type:
        limits = f"-l{number} <= {value} <= l{number}"
        conditions.append(f"not (type({value}) is t{number} and {limits})")
    if completer.is_utc_unchanged:
        conditions.append(f"not (type({value}) is d{number} and {value}.tzinfo is u{number})")
    completed = f"c{number}({value})"
    if completer.names_by_member:
        completed = f"e{number}.get(id({value})) or {completed}"
    condition = f"if {' and '.join(conditions)}: " if conditions else ""
    yield f"{condition}{value} = {completed}"


def _write_result(count: int, numbered: Mapping[int, FastField]) -> str:
    values = (f"v{number}" if number in numbered else "None" for number in range(count))
    members = ", ".join(f"n{number}: {value}" for number, value in enumerate(values))
    return f"return {{{members}}}"


def _name_values(number: int, each: FastField) -> dict[str, Any]:
    """Name what the source of a field refers to."""
    completer = each.completer
    (unchanged_type,) = set(completer.unchanged) - {NONE} or {NONE}
    return {
        f"f{number}": each.read,
        f"c{number}": completer.complete,
        f"e{number}": completer.names_by_member,
        f"l{number}": completer.limit,
        f"t{number}": completer.limited_type or unchanged_type,
        f"d{number}": datetime,
        f"u{number}": UTC,
    }
