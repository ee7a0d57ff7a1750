"""What an operation leaves behind."""

import gc
from weakref import ReferenceType, ref

import pytest

from providers.capabilities import ContentsKey
from providers.kit.caching.cached import Cached
from providers.records import Contents
from providers.registry import Source
from resolvers.loaders import Loaders
from tests.harness import VEGA, RunningServer

QUERY = """
query ($accounts: [AccountInput!]!) {
  user(accounts: $accounts) {
    trophyTitles(first: 3) { edges { node { achievements { name earned } } } }
  }
}
"""


def test_what_an_operation_has_loaded_is_freed_with_it(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[ReferenceType[object]] = []
    original = Loaders.load_contents

    async def load_contents(loaders: Loaders, source: Source, key: ContentsKey) -> Cached[Contents]:
        found = await original(loaders, source, key)
        loaded.append(ref(found))
        return found

    monkeypatch.setattr(Loaders, "load_contents", load_contents)
    gc.disable()
    try:
        server.fetch_data(QUERY, {"accounts": VEGA[:1]})
        assert loaded
        assert not any(each() for each in loaded)
    finally:
        gc.enable()
