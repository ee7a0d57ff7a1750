"""Calls that load many keys at once, as many as the upstream allows."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field

from providers.errors import BadResponse, ProviderError, Unauthenticated, UpstreamFailed
from providers.kit.paging.learned_limit import CachedLimits, LearnedLimit
from providers.kit.paging.limit_refused import LimitRefused

Batch = tuple[str, ...]

# How often a refused batch is divided in two before its keys are loaded alone.
MAX_DIVISIONS = 4
# The keys of a smaller batch are loaded alone if it fails, and one missing row at its end is more
# likely that of a key that is left out.
SMALL_BATCH = 10


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


@dataclass(frozen=True)
class BatchOutcome:
    """What became of the keys: in no part, a key must be loaded alone.

    `left_out` are those that a batch was answered without.
    """

    answered: set[str] = field(default_factory=set[str])
    left_out: set[str] = field(default_factory=set[str])
    failures: dict[str, ProviderError] = field(default_factory=dict[str, ProviderError])


@dataclass(frozen=True)
class BatchLoader:
    """Loads keys in batches of as many as the upstream allows, which it learns.

    `load` loads a batch and returns the keys that were answered. A batch that is refused is
    divided: if all of its parts are accepted it was too large, otherwise one of its keys was the
    reason. A batch whose last keys are not answered may have been cut, so these are requested once
    more; with `answers_every_key` so is any other.
    """

    limit: LearnedLimit
    limits: CachedLimits
    load: Callable[[Batch], Awaitable[Collection[str]]]
    is_shared_failure: Callable[[ProviderError], bool] = is_source_failure
    answers_every_key: bool = False
    small_batch: int = SMALL_BATCH
    outcome: BatchOutcome = field(default_factory=BatchOutcome)

    async def load_all(self, keys: Sequence[str]) -> BatchOutcome:
        """Load all batches at once; return what became of each key."""
        batches = split_batches(keys, await self.limit.get(self.limits))
        await asyncio.gather(*(self._load_batch(batch) for batch in batches))
        return self.outcome

    async def _load_batch(self, batch: Batch, divisions: int = 0) -> int | None:
        """Load a batch; return the size of the parts that were accepted, None if any was not."""
        try:
            await self._load_uncut(batch)
        except LimitRefused as refusal:
            return await self._load_parts(batch, divisions, refusal.get_allowed(len(batch)))
        except ProviderError as error:
            if self.is_shared_failure(error):
                self.outcome.failures.update(dict.fromkeys(batch, error))
                return None
            is_small = len(batch) <= self.small_batch
            return None if is_small else await self._load_parts(batch, divisions, None)
        return len(batch)

    async def _load_parts(self, batch: Batch, divisions: int, allowed: int | None) -> int | None:
        if len(batch) <= 1 or divisions == MAX_DIVISIONS:
            return None
        parts = split_batches(batch, allowed or (len(batch) + 1) // 2)
        sizes = await asyncio.gather(*(self._load_batch(part, divisions + 1) for part in parts))
        accepted = [size for size in sizes if size is not None]
        if len(accepted) < len(parts):
            return None
        self.limit.learn(self.limits, max(accepted))
        return max(accepted)

    async def _load_uncut(self, batch: Batch) -> None:
        """Load a batch, and again the keys that may have been cut off, while any is answered."""
        rest, step = batch, None
        while rest:
            answered = set(await self.load(rest)) & set(rest)
            if step is not None and answered:
                self.limit.learn(self.limits, step)
            self.outcome.answered.update(answered)
            unanswered = tuple(key for key in rest if key not in answered)
            cut_off = self._find_cut_off(rest, unanswered)
            self.outcome.left_out.update(unanswered)
            self.outcome.left_out.difference_update(answered)
            step, rest = len(rest) - len(cut_off), cut_off

    def _find_cut_off(self, batch: Batch, unanswered: Batch) -> Batch:
        """Return the unanswered keys that may have been too many."""
        if len(unanswered) == len(batch):
            return ()
        if self.answers_every_key:
            return unanswered
        last_keys = batch[max(i for i, key in enumerate(batch) if key not in unanswered) + 1 :]
        return last_keys if len(last_keys) > 1 or len(batch) > self.small_batch else ()
