"""Sizes of pages that a source refuses or lowers."""

import asyncio

import pytest

from providers.kit.caching.policy import CachePolicy
from providers.kit.paging.learned_limit import LearnedLimit
from providers.kit.paging.limit_refused import LimitRefused, build_limit_refused
from tests.providers.kit.paging.stored_limits import StoredLimits

POLICY: CachePolicy[int] = CachePolicy("PSN.limits", int, max_age=60)


def load_pages(limit: LearnedLimit, allowed: int, text: str) -> list[int]:
    """Load two pages of an upstream with this limit; return the sizes that were requested."""
    sizes: list[int] = []
    limits = StoredLimits()

    async def load(size: int) -> int:
        sizes.append(size)
        if size > allowed:
            raise build_limit_refused(text, "PSN")
        return size

    async def load_two() -> None:
        for _ in range(2):
            assert await limit.load_page(limits, load) <= allowed

    asyncio.run(load_two())
    return sizes


@pytest.mark.parametrize(
    ("usual", "text", "sizes"),
    [
        (None, "at most 30 of 100", [100, 30, 30]),
        (None, "too many", [100, 50, 25, 25]),
        (20, "too many", [100, 20, 20]),
        (20, "between 1 and 30", [100, 30, 30]),
    ],
)
def test_a_smaller_size_is_tried_and_remembered(
    usual: int | None, text: str, sizes: list[int]
) -> None:
    assert load_pages(LearnedLimit(POLICY, "size", 100, usual), 30, text) == sizes


def test_a_size_that_was_never_accepted_is_not_remembered() -> None:
    limit, limits = LearnedLimit(POLICY, "size", 100), StoredLimits()

    async def refuse(_size: int) -> None:
        raise build_limit_refused("no", "PSN")

    with pytest.raises(LimitRefused):
        asyncio.run(limit.load_page(limits, refuse))
    assert not limits.values


@pytest.mark.parametrize(
    ("next_offset", "learned"), [(None, {}), (300, {}), (240, {("PSN.limits", "size"): 40})]
)
def test_a_short_page_with_more_to_come_shows_the_limit(
    next_offset: int | None, learned: dict[tuple[str, ...], int]
) -> None:
    limits = StoredLimits()
    LearnedLimit(POLICY, "size", 100).learn_from_page(limits, 100, 200, next_offset)
    assert limits.values == learned
