"""Limits of the upstream that are learned from its responses, and remembered for a day."""

from dataclasses import dataclass

from providers.retroachievements.cache_policies import LEARNED_LIMITS
from providers.retroachievements.cached_api import CachedApi


@dataclass(frozen=True)
class LearnedLimit:
    """A number of items in a request or a response; `default` is the documented one."""

    name: str
    default: int

    async def get(self, cached_api: CachedApi) -> int:
        """Return the number that was learned last, or the documented one."""
        learned = await cached_api.get_cached(LEARNED_LIMITS, self.name)
        return self.default if learned is None else learned.value

    def learn(self, cached_api: CachedApi, value: int) -> int:
        """Remember a number, and return it."""
        cached_api.set_cached_nowait(LEARNED_LIMITS, value, self.name)
        return value


TITLE_PAGE_SIZE = LearnedLimit("title_page_size", 500)
PROGRESS_BATCH_SIZE = LearnedLimit("progress_batch_size", 200)
# The number of rows at which the upstream cuts a list of unlocks.
UNLOCK_ROWS = LearnedLimit("unlock_rows", 500)
