"""Sizes of PSN's pages and batches; each may be lowered, and is then learned."""

from functools import partial

from providers.kit.paging.learned_limit import LearnedLimit
from providers.psn.cache_policies import LEARNED_LIMITS

build_limit = partial(LearnedLimit, LEARNED_LIMITS)

TITLE_PAGE_SIZE = build_limit("title_page_size", 800, usual=100)
FRIEND_PAGE_SIZE = build_limit("friend_page_size", 1000, usual=100)
PLAYED_GAME_PAGE_SIZE = build_limit("played_game_page_size", 200)
MESSAGE_GROUP_PAGE_SIZE = build_limit("message_group_page_size", 200)
# PSN does not document the largest page of messages; PlayStation's own clients request 20.
MESSAGE_PAGE_SIZE = build_limit("message_page_size", 100, usual=20)
SEARCH_PAGE_SIZE = build_limit("search_page_size", 50, usual=20)
PROFILE_BATCH_SIZE = build_limit("profile_batch_size", 100)
PRESENCE_BATCH_SIZE = build_limit("presence_batch_size", 100)
PRODUCT_BATCH_SIZE = build_limit("product_batch_size", 5)
