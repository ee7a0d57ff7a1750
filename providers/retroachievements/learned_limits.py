"""Sizes of the upstream's pages, batches and lists; each may be lowered, and is then learned."""

from functools import partial

from providers.kit.paging.learned_limit import LearnedLimit
from providers.retroachievements.cache_policies import LEARNED_LIMITS

build_limit = partial(LearnedLimit, LEARNED_LIMITS)

TITLE_PAGE_SIZE = build_limit("title_page_size", 500)
FOLLOW_PAGE_SIZE = build_limit("follow_page_size", 500)
WANTED_PAGE_SIZE = build_limit("wanted_page_size", 500)
LEADERBOARD_PAGE_SIZE = build_limit("leaderboard_page_size", 500)
LEADERBOARD_ENTRY_PAGE_SIZE = build_limit("leaderboard_entry_page_size", 500)
PROGRESS_BATCH_SIZE = build_limit("progress_batch_size", 200)
# The number of rows at which the upstream cuts a list of unlocks.
UNLOCK_ROWS = build_limit("unlock_rows", 500)
