"""Sizes of the upstream's batches; each may be lowered, and is then learned."""

from functools import partial

from providers.kit.paging.learned_limit import LearnedLimit
from providers.steam.cache_policies import LEARNED_LIMITS

build_limit = partial(LearnedLimit, LEARNED_LIMITS)

# With more apps the upstream answered 414; longer ids make it fewer.
COUNTED_APPS = build_limit("counted_apps", 350)
