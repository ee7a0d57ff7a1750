"""Builds GraphQL types from records: attributes are copied by name, without resolvers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar, cast, overload

T = TypeVar("T")
RECORD = "_record"  # the member of an object that has the record which it reads


class ReadsRecord:
    """An object that reads from a record the attributes that it does not have itself."""

    def __getattr__(self, name: str) -> Any:
        try:
            record = self.__dict__[RECORD]
        except KeyError:
            raise AttributeError(name) from None
        return getattr(record, name)


class RecordObjects(Sequence[T]):
    """The objects of some records, which they read; each is built when it is taken.

    Plain fields are completed from the records, without the objects.
    """

    def __init__(
        self, graphql_type: type[T], records: Sequence[Any], extra: Mapping[str, Any]
    ) -> None:
        self.graphql_type = graphql_type
        self.records = records
        self._extra = extra

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[T]:
        return map(self._build, self.records)

    @overload
    def __getitem__(self, index: int) -> T: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...

    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        if isinstance(index, slice):
            return RecordObjects(self.graphql_type, self.records[index], self._extra)
        return self._build(self.records[index])

    def _build(self, record: Any) -> T:
        built = object.__new__(self.graphql_type)
        built.__dict__ = {**self._extra, RECORD: record}
        return built


def from_record(graphql_type: type[T], record: Any, /, **extra: Any) -> T:
    """Build a GraphQL type with every attribute that the record has under the same name.

    Its initializer only sets attributes, and is not called where all of them are given. Nor are
    they copied then to a type that can read them from the record.
    """
    has_all, reads_record = _choose_form(graphql_type, record.__class__, tuple(extra))
    if not has_all:
        return graphql_type(**copy_attributes(graphql_type, record, tuple(extra)), **extra)
    built = object.__new__(graphql_type)
    if reads_record:
        extra[RECORD] = record
        built.__dict__ = extra
    else:
        built.__dict__ = copy_attributes(graphql_type, record, tuple(extra)) | extra
    return built


def from_records(graphql_type: type[T], records: Sequence[Any], /, **extra: Any) -> Sequence[T]:
    """Return a GraphQL type for each of some records of one type, as `from_record` builds it."""
    if not records:
        return []
    has_all, reads_record = _choose_form(graphql_type, records[0].__class__, tuple(extra))
    if has_all and reads_record:
        return RecordObjects(graphql_type, records, extra)
    return [from_record(graphql_type, each, **extra) for each in records]


def copy_attributes(
    graphql_type: type[Any], record: Any, others: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return the attributes, but `others`, that a GraphQL type and a record have in common."""
    names, read = _match_attributes(graphql_type, cast("type[Any]", type(record)), others)
    return dict(zip(names, read(record), strict=True))


@cache
def _choose_form(
    graphql_type: type[Any], record_type: type[Any], extra: tuple[str, ...]
) -> tuple[bool, bool]:
    """Return whether a record and `extra` have all attributes, and whether a type reads them."""
    names, _ = _match_attributes(graphql_type, record_type, extra)
    initialized = {each.name for each in fields(graphql_type) if each.init}
    has_all = sorted(initialized) == sorted((*names, *extra))
    has_defaults = any(hasattr(graphql_type, name) for name in names)  # which would be read instead
    return (
        has_all and not hasattr(graphql_type, "__post_init__"),
        issubclass(graphql_type, ReadsRecord) and not has_defaults,
    )


@cache
def _match_attributes(
    graphql_type: type[Any], record_type: type[Any], others: tuple[str, ...]
) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    record_names = {*dir(record_type), *getattr(record_type, "__dataclass_fields__", ())}
    names = tuple(
        each.name
        for each in fields(graphql_type)
        if each.init and each.name in record_names and each.name not in others
    )
    return names, make_reader(names)


def make_reader(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """Return a function that reads these attributes of an object."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda record: tuple(getattr(record, name) for name in names)
