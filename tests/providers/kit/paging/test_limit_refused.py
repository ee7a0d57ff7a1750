"""Refusals of a size."""

import pytest

from providers.kit.paging.limit_refused import build_limit_refused, is_about_limit


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("Requested limit 200 exceeds the allowed limit 100", 100),
        ("The c field must be between 1 and 100.", 100),
        ("limit 200 of 500", None),
        ("Bad Request (query: limit)", None),
    ],
)
def test_the_allowed_size_is_the_largest_number_below_the_refused_one(
    text: str, allowed: int | None
) -> None:
    assert is_about_limit(text) or allowed is not None
    assert build_limit_refused(text, "PSN").get_allowed(200) == allowed


@pytest.mark.parametrize("text", ["", "Bad Request (path: accountId)", "Resource not found"])
def test_other_refusals_are_not_about_a_size(text: str) -> None:
    assert not is_about_limit(text)
