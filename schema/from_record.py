"""GraphQL types made of records: attributes copied by name, no resolver in between."""

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar, cast

from strawberry.types.base import get_object_definition

T = TypeVar("T")


def of(kind: type[T], record: Any, /, **more: Any) -> T:
    """The GraphQL type with every attribute that the record has under the same name."""
    return kind(**copied(kind, record), **more)


def copied(kind: type[Any], record: Any) -> dict[str, Any]:
    """The attributes that a GraphQL type and a record have in common."""
    names, read = _shared(kind, cast("type[Any]", type(record)))
    return dict(zip(names, read(record), strict=True))


@cache
def _shared(
    kind: type[Any], record: type[Any]
) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    definition: Any = get_object_definition(kind, strict=True)
    known = {*dir(record), *getattr(record, "__dataclass_fields__", ())}
    names = tuple(
        field.python_name
        for field in definition.fields
        if field.base_resolver is None and field.python_name in known
    )
    return names, _reading(names)


def _reading(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda record: tuple(getattr(record, name) for name in names)
