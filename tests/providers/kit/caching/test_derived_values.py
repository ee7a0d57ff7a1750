"""Values computed from cached ones are kept for the identical parts, up to a number of items."""

from providers.kit.caching.derived_values import DerivedValues


def derive(values: DerivedValues, *parts: object, items: int = 1) -> object:
    """Return the value of the parts, a new object each time that it is computed."""
    return values.get_or_compute("test", parts, object, lambda _: items)


def test_the_same_parts_have_the_same_value() -> None:
    values, part = DerivedValues(), ["a"]
    assert derive(values, part) is derive(values, part)


def test_equal_parts_that_are_not_identical_have_values_of_their_own() -> None:
    values = DerivedValues()
    assert derive(values, ["a"]) is not derive(values, ["a"])


def test_two_values_of_the_same_parts_are_told_apart_by_name() -> None:
    values, part = DerivedValues(), ["a"]
    other = values.get_or_compute("other", (part,), object, lambda _: 1)
    assert derive(values, part) is not other


def test_the_value_used_last_is_kept() -> None:
    values, used, unused = DerivedValues(max_items=4), ["used"], ["unused"]
    first, second = derive(values, used), derive(values, unused)
    assert derive(values, used) is first
    derive(values, ["new"])
    assert derive(values, used) is first
    assert derive(values, unused) is not second


def test_a_value_of_too_many_items_is_not_kept() -> None:
    values, part = DerivedValues(max_items=4), ["a"]
    assert derive(values, part, items=4) is not derive(values, part, items=4)
