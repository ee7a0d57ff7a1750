"""Batches that are refused, cut, or fail."""

import asyncio
from collections.abc import Callable, Collection

import pytest

from providers.errors import (
    BadResponse,
    NotFound,
    Private,
    ProviderError,
    RateLimited,
    TimedOut,
    Unauthenticated,
    Unavailable,
)
from providers.kit.caching.policy import CachePolicy
from providers.kit.paging.batches import (
    Batch,
    BatchLoader,
    BatchOutcome,
    is_source_failure,
    split_batches,
)
from providers.kit.paging.learned_limit import LearnedLimit
from providers.kit.paging.limit_refused import build_limit_refused
from tests.providers.kit.paging.stored_limits import StoredLimits

POLICY: CachePolicy[int] = CachePolicy("PSN.limits", int, max_age=60)
LIMIT = LearnedLimit(POLICY, "size", 8)
KEYS = tuple("abcdefgh")


def load_all(
    load: Callable[[Batch], Collection[str]],
    *,
    answers_every_key: bool = False,
    small_batch: int = 10,
) -> tuple[BatchOutcome, list[int], int]:
    """Load the keys; return the outcome, the sizes of the batches, and the limit afterwards."""
    sizes: list[int] = []

    async def load_batch(batch: Batch) -> Collection[str]:
        sizes.append(len(batch))
        return load(batch)

    async def run() -> tuple[BatchOutcome, list[int], int]:
        limits = StoredLimits()
        loader = BatchLoader(
            LIMIT,
            limits,
            load_batch,
            answers_every_key=answers_every_key,
            small_batch=small_batch,
        )
        outcome = await loader.load_all(KEYS)
        return outcome, sizes, await LIMIT.get(limits)

    return asyncio.run(run())


def test_keys_are_split_in_order() -> None:
    assert split_batches(["a", "b", "c", "d", "e"], 2) == [("a", "b"), ("c", "d"), ("e",)]
    assert split_batches([], 2) == []


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (RateLimited, True),
        (TimedOut, True),
        (Unavailable, True),
        (Unauthenticated, True),
        (BadResponse, False),
        (NotFound, False),
        (Private, False),
    ],
)
def test_a_failure_of_the_source_applies_to_single_calls_too(
    kind: type[ProviderError], expected: bool
) -> None:
    assert is_source_failure(kind("no", source="PSN")) is expected


def test_a_failure_of_the_source_is_the_error_of_all_keys_and_not_repeated() -> None:
    def load(_batch: Batch) -> Batch:
        raise Unavailable("no", source="PSN")

    outcome, sizes, limit = load_all(load)
    assert outcome.failures.keys() == set(KEYS)
    assert (sizes, limit) == ([8], 8)


@pytest.mark.parametrize(
    ("text", "expected"), [("at most 3", [8, 3, 3, 2]), ("too many", [8, 4, 4, 2, 2, 2, 2])]
)
def test_a_refused_batch_is_divided_and_its_size_learned(text: str, expected: list[int]) -> None:
    def load(batch: Batch) -> Batch:
        if len(batch) > 3:
            raise build_limit_refused(text, "PSN")
        return batch

    outcome, sizes, limit = load_all(load)
    assert outcome.answered == set(KEYS)
    assert sorted(sizes, reverse=True) == expected
    assert limit == max(size for size in sizes if size <= 3)


def test_a_batch_that_is_refused_for_one_key_teaches_no_limit() -> None:
    def load(batch: Batch) -> Batch:
        if "f" in batch:
            raise NotFound("no", source="PSN")
        return batch

    outcome, sizes, limit = load_all(load, small_batch=1)
    assert outcome.answered == {*KEYS} - {"f"}
    assert not outcome.failures
    assert (sorted(sizes), limit) == ([1, 1, 2, 2, 4, 4, 8], 8)


def test_the_keys_of_a_small_batch_that_fails_are_left_to_single_calls() -> None:
    def load(_batch: Batch) -> Batch:
        raise NotFound("no", source="PSN")

    outcome, sizes, limit = load_all(load)
    assert outcome == BatchOutcome()
    assert (sizes, limit) == ([8], 8)


def test_keys_at_the_end_that_are_not_answered_are_requested_again() -> None:
    outcome, sizes, limit = load_all(lambda batch: batch[:5])
    assert (outcome.answered, outcome.left_out) == ({*KEYS}, set())
    assert (sizes, limit) == ([8, 3], 5)


def test_a_key_that_is_left_out_is_not_requested_again() -> None:
    outcome, sizes, limit = load_all(lambda batch: [key for key in batch if key not in "ch"])
    assert outcome.left_out == {"c", "h"}
    assert (sizes, limit) == ([8], 8)


def test_any_unanswered_key_is_requested_again_where_all_are_answered() -> None:
    outcome, sizes, limit = load_all(lambda batch: batch[-5:], answers_every_key=True)
    assert (outcome.answered, outcome.left_out) == ({*KEYS}, set())
    assert (sizes, limit) == ([8, 3], 5)


def test_a_batch_without_any_answer_is_left_out() -> None:
    outcome, sizes, _ = load_all(lambda _: (), answers_every_key=True)
    assert (outcome.answered, outcome.left_out, sizes) == (set(), {*KEYS}, [8])
