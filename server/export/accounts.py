"""Accounts as an option or a parameter names them."""

from providers.registry import Source
from resolvers.context import AccountRef


def parse_account(text: str) -> AccountRef:
    """Parse `SOURCE:HANDLE`, such as `PSN:me`. Raise `ValueError`."""
    name, _, handle = text.partition(":")
    wanted = name.strip().upper().replace("-", "_")
    for source in Source:
        if wanted in {source.name, source.name.replace("_", "")} and handle.strip():
            return AccountRef(source, handle.strip())
    raise ValueError(text)
