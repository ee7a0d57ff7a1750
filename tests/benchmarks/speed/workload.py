"""The accounts that are requested, by size, and the requests for them.

Every size has as many accounts as a run needs, all alike: the second and later ones are copies with
titles of their own, so that a server has nothing of them in its cache.
"""

import json
from dataclasses import dataclass
from typing import Any

from providers.psn.persisted.registry import load_registry
from tests.benchmarks.queries import USER_ID_QUERY, build_timeline_query

ACHIEVEMENT_FIELDS = (
    "nativeId name description grade hidden earned earnedAt icon { url } rarity { percent }"
)
TITLE_FIELDS = "nativeId name platforms progress"
COMPLETE_FIELDS = (
    f"{TITLE_FIELDS} groups {{ nativeId name achievements {{ {ACHIEVEMENT_FIELDS} }} }}"
)
TIMELINE_FIELDS = "nativeId name grade earnedAt title { nativeId name }"
PAGE_SIZE = 100


def build_query(selection: str, name: str = "Titles") -> str:
    """Build the query for a page of titles, which every server compared here understands."""
    return (
        f"query {name}($accounts: [AccountInput!]!, $first: Int!) {{ user(accounts: $accounts) "
        f"{{ id trophyTitles(first: $first) {{ edges {{ node {{ {selection} }} }} }} }} }}"
    )


@dataclass(frozen=True)
class Size:
    """Accounts with so many titles of so many trophies each, numbered from `first_title`."""

    number: int
    titles: int
    trophies: int
    first_title: int
    copies: int  # for which there are numbers before the next size's

    def get_account_id(self, copy: int = 0) -> str:
        return f"77{self.number:03}{copy:014}"

    @property
    def fewest_calls(self) -> int:
        """The list, and three calls for each title."""
        return 1 + 3 * self.titles


SIZES = {
    "S": Size(1, 1, 15, 10_000, 10_000),
    "M": Size(2, 20, 15, 20_000, 1_000),
    "t10": Size(3, 10, 15, 40_000, 1_000),
    "t100": Size(4, 100, 15, 50_000, 300),
    "L": Size(5, 100, 64, 80_000, 100),
    "timeline": Size(6, 30, 15, 90_000, 300),
}


@dataclass(frozen=True)
class Request:
    """A GraphQL request: its document and its variables."""

    query: str
    variables: dict[str, Any]

    def encode(self) -> bytes:
        return json.dumps({"query": self.query, "variables": self.variables}).encode()


def request_titles(size: str, copy: int = 0, query: str = build_query(COMPLETE_FIELDS)) -> Request:
    """Request the titles of an account."""
    return Request(query, {"accounts": [select_account(size, copy)], "first": PAGE_SIZE})


def request_user_id() -> Request:
    """Request nothing that needs a call."""
    return Request(USER_ID_QUERY, {"accounts": [select_account("S", 0)]})


def request_timeline(copy: int = 0) -> Request:
    """Request a page of the timeline."""
    variables = {"accounts": [select_account("timeline", copy)], "first": PAGE_SIZE}
    return Request(build_timeline_query(TIMELINE_FIELDS), variables)


def encode_persisted_operation() -> bytes:
    """Request an operation that is passed through."""
    operation = next(each for each in load_registry("").operations if not each.writes)
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": operation.hashes[0]}}
    return json.dumps({"variables": {}, "extensions": extensions}).encode()


def select_account(size: str, copy: int) -> dict[str, str]:
    return {"source": "PSN", "handle": SIZES[size].get_account_id(copy)}
