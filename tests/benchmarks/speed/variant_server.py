"""This server with one part changed.

python -m tests.benchmarks.speed.variant_server graphql-core    # graphql-core's executor alone
python -m tests.benchmarks.speed.variant_server expired-lists   # no title list is reused
"""

import sys

from graphql.execution import Executor

from providers.psn.cache_policies import TITLES
from schema import federated_schema
from server.__main__ import main


def use_plain_executor() -> None:
    federated_schema.FastPathExecutor = Executor  # pyright: ignore[reportAttributeAccessIssue] - its base


def expire_title_lists() -> None:
    for name in ("max_age", "stale_while_revalidate"):
        object.__setattr__(TITLES, name, 0.0)


VARIANTS = {"graphql-core": use_plain_executor, "expired-lists": expire_title_lists}

if __name__ == "__main__":
    VARIANTS[sys.argv[1]]()
    sys.exit(main(["serve", "--port", "0"]))
