"""The questions that are counted."""

from collections.abc import Iterable
from typing import Any

from providers.psn.sandbox.world import OWNER_ACCOUNT_ID

PSN = {"source": "PSN", "handle": OWNER_ACCOUNT_ID}
OWNER: dict[str, Any] = {"accounts": [PSN]}

PAGES = "pageInfo { hasNextPage endCursor }"
ID = "query ($accounts: [AccountInput!]!) { user(accounts: $accounts) { id } }"

ROW = "id name progress earnedCount lastUpdatedAt"
TROPHIES = "nativeId name description grade earned earnedAt"
GROUPS = "nativeId name detail progress earnedCounts { gold }"
WHOLE = f"{ROW} groups {{ {GROUPS} achievements {{ {TROPHIES} }} }}"


def titles(selected: str, arguments: str = "") -> str:
    """A page of titles with these fields."""
    return f"""
    query ($accounts: [AccountInput!]!, $first: Int! = 100, $after: String) {{
      user(accounts: $accounts) {{
        trophyTitles(first: $first, after: $after {arguments}) {{
          edges {{ node {{ {selected} }} }} {PAGES}
        }}
      }}
    }}"""


def achievements(selected: str, arguments: str = "") -> str:
    """A page of the timeline with these fields."""
    return f"""
    query ($accounts: [AccountInput!]!, $first: Int! = 20, $after: String) {{
      user(accounts: $accounts) {{
        achievements(first: $first, after: $after {arguments}) {{
          edges {{ node {{ {selected} }} }} {PAGES}
        }}
      }}
    }}"""


def of_account(kind: str, field: str, selected: str) -> str:
    """A page of something that only one source's accounts have."""
    return f"""
    query ($accounts: [AccountInput!]!, $first: Int! = 100, $after: String) {{
      user(accounts: $accounts) {{
        accounts {{ ... on {kind} {{
          {field}(first: $first, after: $after) {{ edges {{ node {{ {selected} }} }} {PAGES} }}
        }} }}
      }}
    }}"""


def aliases(fields: Iterable[str]) -> str:
    """Several fields of a user, however much alike."""
    named = " ".join(f"a{number}: {field}" for number, field in enumerate(fields))
    return f"query ($accounts: [AccountInput!]!) {{ user(accounts: $accounts) {{ {named} }} }}"
