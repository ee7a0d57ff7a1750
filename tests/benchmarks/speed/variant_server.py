"""This server with one part changed.

python -m tests.benchmarks.speed.variant_server executing      # no response is stored
python -m tests.benchmarks.speed.variant_server graphql-core   # nor is our executor used
python -m tests.benchmarks.speed.variant_server short-lists    # title lists expire at once
"""

import sys
from functools import partial
from typing import Any

from graphql.execution import Executor

from providers.psn.cache_policies import TITLES
from schema import federated_schema
from server.__main__ import main
from server.response_cache import ResponseCache

LIST_SECONDS = 0.5  # long enough for the next request, and short enough to wait for


class PlainExecutor(Executor[None]):
    """graphql-core's executor, which knows none of our executor's options."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        for name in ("plans", "item_encoder"):
            options.pop(name, None)
        super().__init__(*arguments, **options)  # pyright: ignore[reportUnknownMemberType] - graphql-core's


def store_nothing(*_: object) -> None:
    """Stand in for the method that stores a response."""


def store_no_response() -> None:
    ResponseCache.store = store_nothing  # pyright: ignore[reportAttributeAccessIssue] - has no names


def use_plain_executor() -> None:
    store_no_response()
    federated_schema.PlanExecutor = PlainExecutor  # pyright: ignore[reportAttributeAccessIssue] - another executor


def shorten_lists(*names: str) -> None:
    for name in ("max_age", *names):
        object.__setattr__(TITLES, name, LIST_SECONDS)


VARIANTS = {
    "executing": store_no_response,
    "graphql-core": use_plain_executor,
    "short-lists": shorten_lists,
    "no-stale-lists": partial(shorten_lists, "stale_while_revalidate"),
}

if __name__ == "__main__":
    VARIANTS[sys.argv[1]]()
    sys.exit(main(["serve", "--port", "0"]))
