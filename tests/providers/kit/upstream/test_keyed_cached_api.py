"""A caller's key sees nothing in the cache that its source has not accepted it for."""

import asyncio
from typing import Any

import pytest

from providers.errors import ProviderError
from providers.kit.caching.policy import CachePolicy
from providers.registry import Source
from tests.harness import run_server
from tests.server.caller_headers import SECOND_ON_RETRO, SECOND_ON_STEAM, SECOND_ON_TROPHY_SO

OWN_VALUE: CachePolicy[str] = CachePolicy("TEST.own", str, max_age=60)
KEYED_SOURCES = (
    (Source.RETRO_ACHIEVEMENTS, SECOND_ON_RETRO),
    (Source.TROPHY_SO, SECOND_ON_TROPHY_SO),
    (Source.STEAM, SECOND_ON_STEAM),
)


@pytest.mark.parametrize(("source", "headers"), KEYED_SOURCES)
def test_a_rejected_key_gets_no_cached_value(source: Source, headers: dict[str, str]) -> None:
    async def load() -> str:
        return "loaded"

    with run_server() as server:
        client: Any = server.services[source].create_caller_client(headers)
        cached_api = client.cached_api
        cached_api.set_cached_nowait(OWN_VALUE, "stored", "key")
        assert cached_api.peek_cached(OWN_VALUE, "key").value == "stored"
        cached_api.credential_check.record_rejected()
        cached_api.cache.set_nowait(OWN_VALUE, cached_api.scope, ("key",), "stored again")
        assert cached_api.peek_cached(OWN_VALUE, "key") is None
        assert asyncio.run(cached_api.get_cached(OWN_VALUE, "key")) is None
        with pytest.raises(ProviderError):
            asyncio.run(cached_api.get_or_load(OWN_VALUE, ("key",), load))
