"""Writes the functions that complete objects of plain fields.

A function written for one selection reads each attribute by its name and checks each value in
place, in less than half of the time that a loop over the fields takes. An object that it contains
is completed in place too, if all of its fields are attributes. Its source contains nothing that a
caller wrote: the names in it are numbered variables and attributes of the schema's types, and
response names are values that it is given.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from types import CodeType
from typing import Any

from schema.completers import (
    Completer,
    FastField,
    ObjectFields,
    find_python_type,
    make_type_check,
)
from schema.from_record import RECORD, ReadsRecord

MAX_SOURCES = 500  # compiled functions that are kept, whichever operations they are for
NONE = type(None)
INDENT = "    "


def write_object_completer(
    names: Sequence[str], fields: Sequence[FastField], graphql_type: Any, *, is_nullable: bool
) -> Completer:
    """Build the completer that `complete_object` builds, as a function of its own.

    `names` are all response names in their order; those without a field get None.
    """
    object_fields = ObjectFields(names, fields, graphql_type)
    writer = ObjectWriter()
    lines = [
        *_write_check(graphql_type, is_nullable=is_nullable),
        *writer.write_members(object_fields, "return "),
    ]
    namespace = writer.namespace | _name_types("known", "check", graphql_type)
    source = f"\n{INDENT}".join(("def complete(o, r=None):", *lines))
    exec(compile_source(source), namespace)  # noqa: S102 - see above
    needs_object = not all(each.attribute for each in fields)
    reads_record = _reads_record(graphql_type)
    return Completer(
        namespace["complete"],
        frozenset({NONE} if is_nullable else ()),
        object_fields=None if needs_object or reads_record else object_fields,
        record_type=None if needs_object or not reads_record else find_python_type(graphql_type),
    )


@lru_cache(MAX_SOURCES)
def compile_source(source: str) -> CodeType:
    return compile(source, "<plan>", "exec")


def _write_check(graphql_type: Any, *, is_nullable: bool) -> Iterator[str]:
    """Write the check of an object `o`, and from where it is read; of a record `r` neither."""
    yield "if r is None:"
    yield "    if type(o) not in known:"
    if is_nullable:
        yield "        if o is None: return None"
    yield "        check(o)"
    yield f"    r = o.__dict__.get({RECORD!r}, o)" if _reads_record(graphql_type) else "    r = o"


def _reads_record(graphql_type: Any) -> bool:
    origin = find_python_type(graphql_type)
    return origin is not None and issubclass(origin, ReadsRecord)


class ObjectWriter:
    """Writes how objects are completed; `namespace` are the values that the source names."""

    def __init__(self) -> None:
        self.namespace: dict[str, Any] = {}
        self._next_number = 0

    def write_members(self, object_fields: ObjectFields, result: str) -> Iterator[str]:
        """Write how the members of the object `r` are completed, and then the result.

        Those that are objects come last, because each of them is `r` then.
        """
        numbers = {name: self._take_number(name) for name in object_fields.names}
        members = [(numbers[each.name], each) for each in object_fields.fields]
        for number, each in members:
            self.namespace |= _name_values(number, each)
            read = f"r.{each.attribute}" if each.attribute else f"f{number}(o)"
            yield f"v{number} = {read}"
        for number, each in members:
            if not each.completer.object_fields:
                yield _write_completion(number, each.completer)
        for number, each in members:
            if each.completer.object_fields:
                yield from self._write_inner(number, each.completer)
        values = dict.fromkeys(numbers.values(), "None")
        values |= {number: f"v{number}" for number, _ in members}
        pairs = ", ".join(f"n{number}: {value}" for number, value in values.items())
        yield f"{result}{{{pairs}}}"

    def _take_number(self, name: str) -> int:
        number = self._next_number
        self._next_number += 1
        self.namespace[f"n{number}"] = name
        return number

    def _write_inner(self, number: int, completer: Completer) -> Iterator[str]:
        """Write how an object in a member is completed in place."""
        object_fields: Any = completer.object_fields
        value, known, check = f"v{number}", f"t{number}", f"f{number}"
        self.namespace |= _name_types(known, check, object_fields.graphql_type)
        indent = ""
        if NONE in completer.unchanged:
            yield f"if {value} is not None:"
            indent = INDENT
        yield f"{indent}if type({value}) not in {known}: {check}({value})"
        yield f"{indent}r = {value}"
        for line in self.write_members(object_fields, f"{value} = "):
            yield f"{indent}{line}"


def _write_completion(number: int, completer: Completer) -> str:
    """Write how a value is completed, unless it stays as it is."""
    value = f"v{number}"
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
    return f"{condition}{value} = {completed}"


def _name_types(known: str, check: str, graphql_type: Any) -> dict[str, Any]:
    """Name the types of values that are taken for an object, and what checks any other."""
    known_types = {find_python_type(graphql_type)} - {None}
    return {known: known_types, check: make_type_check(graphql_type, known_types)}


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
