"""Batches of keys, and failures that apply to all keys of a batch."""

import asyncio
from datetime import UTC, datetime

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
from providers.kit.caching.cached import Cached
from providers.psn.batches import Batch, is_source_failure, load_batches, split_batches


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


def test_only_keys_of_failed_batches_have_an_error() -> None:
    async def load(batch: Batch) -> Cached[int]:
        if "b" in batch:
            raise Unavailable("no", source="PSN")
        if "c" in batch:
            raise NotFound("no", source="PSN")
        return Cached(len(batch), datetime.now(UTC))

    failures = asyncio.run(load_batches([("a",), ("b", "B"), ("c",)], load))
    assert {key: type(error) for key, error in failures.items()} == {
        "b": Unavailable,
        "B": Unavailable,
    }
