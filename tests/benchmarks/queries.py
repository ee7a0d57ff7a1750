"""The documents that the benchmarks send."""

from collections.abc import Iterable
from typing import Any

from providers.psn.sandbox.constants import OWNER_ACCOUNT_ID

PSN_ACCOUNT = {"source": "PSN", "handle": OWNER_ACCOUNT_ID}
OWNER_VARIABLES: dict[str, Any] = {"accounts": [PSN_ACCOUNT]}

PAGE_INFO = "pageInfo { hasNextPage endCursor }"
USER_ID_QUERY = "query ($accounts: [AccountInput!]!) { user(accounts: $accounts) { id } }"

TITLE_FIELDS = "id name progress earnedCount lastUpdatedAt"
TROPHY_FIELDS = "nativeId name description grade earned earnedAt"
GROUP_FIELDS = "nativeId name detail progress earnedCounts { gold }"
ALL_TITLE_FIELDS = f"{TITLE_FIELDS} groups {{ {GROUP_FIELDS} achievements {{ {TROPHY_FIELDS} }} }}"


def build_titles_query(selection: str, arguments: str = "") -> str:
    """Build a query for a page of titles with these fields."""
    return f"""
    query ($accounts: [AccountInput!]!, $first: Int! = 100, $after: String) {{
      user(accounts: $accounts) {{
        trophyTitles(first: $first, after: $after {arguments}) {{
          edges {{ node {{ {selection} }} }} {PAGE_INFO}
        }}
      }}
    }}"""


def build_timeline_query(selection: str, arguments: str = "") -> str:
    """Build a query for a page of the timeline with these fields."""
    return f"""
    query ($accounts: [AccountInput!]!, $first: Int! = 20, $after: String) {{
      user(accounts: $accounts) {{
        achievements(first: $first, after: $after {arguments}) {{
          edges {{ node {{ {selection} }} }} {PAGE_INFO}
        }}
      }}
    }}"""


def build_account_query(type_name: str, field: str, selection: str) -> str:
    """Build a query for a page of a connection that only one source's accounts have."""
    return f"""
    query ($accounts: [AccountInput!]!, $first: Int! = 100, $after: String) {{
      user(accounts: $accounts) {{
        accounts {{ ... on {type_name} {{
          {field}(first: $first, after: $after) {{ edges {{ node {{ {selection} }} }} {PAGE_INFO} }}
        }} }}
      }}
    }}"""


def build_aliased_query(fields: Iterable[str]) -> str:
    """Build a query that selects each of these fields of a user under an alias of its own."""
    named = " ".join(f"a{number}: {field}" for number, field in enumerate(fields))
    return f"query ($accounts: [AccountInput!]!) {{ user(accounts: $accounts) {{ {named} }} }}"
