"""Values computed from cached ones, kept while they are computed from the identical objects.

A cached value is never changed, so what is computed from the same objects is the same. Since the
objects are those of one viewer's cache entries, nothing crosses from one viewer to another.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar, cast

T = TypeVar("T")

MAX_ITEMS = 50_000  # of all values together, each of some hundred bytes


class DerivedValues:
    """The values used last, up to a number of items that they consist of together."""

    def __init__(self, max_items: int = MAX_ITEMS) -> None:
        self._max_items = max_items
        self._items = 0
        # With the parts, which are kept alive so that their ids stay unique.
        self._values: OrderedDict[tuple[object, ...], tuple[tuple[object, ...], Any, int]] = (
            OrderedDict()
        )

    def get_or_compute(
        self,
        name: str,
        parts: tuple[object, ...],
        compute: Callable[[], T],
        count_items: Callable[[T], int],
    ) -> T:
        """Return the value of these parts; `name` tells several values of the same parts apart."""
        key = (name, *map(id, parts))
        found = self._values.get(key)
        if found is not None:
            self._values.move_to_end(key)
            return cast("T", found[1])
        value = compute()
        items = 1 + count_items(value)
        if items <= self._max_items:
            self._values[key] = parts, value, items
            self._items += items
        while self._items > self._max_items:
            _, (_, _, removed) = self._values.popitem(last=False)
            self._items -= removed
        return value
