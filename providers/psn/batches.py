"""Calls that load many keys at once, and the failures that apply to a whole batch."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from providers.errors import BadResponse, ProviderError, Unauthenticated, UpstreamFailed
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached

Batch = tuple[str, ...]


def split_batches(keys: Sequence[str], size: int) -> list[Batch]:
    """Split the keys, in order, into batches of at most `size`."""
    return [tuple(keys[start : start + size]) for start in range(0, len(keys), size)]


def is_source_failure(error: ProviderError) -> bool:
    """Return whether a single call would fail like the batch did.

    A batch that was refused or cannot be read says nothing about its members.
    """
    return isinstance(error, UpstreamFailed | Unauthenticated) and not isinstance(
        error, BadResponse
    )


async def load_batches(
    batches: Sequence[Batch],
    load: Callable[[Batch], Awaitable[Cached[Any]]],
    is_shared_failure: Callable[[ProviderError], bool] = is_source_failure,
) -> dict[str, ProviderError]:
    """Load all batches at once; return the error of each key that need not be loaded alone."""
    outcomes = await gather_outcomes([load(batch) for batch in batches])
    return {
        key: outcome
        for batch, outcome in zip(batches, outcomes, strict=True)
        if isinstance(outcome, ProviderError) and is_shared_failure(outcome)
        for key in batch
    }
