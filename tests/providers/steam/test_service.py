"""Which credential a client uses."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TypeVar

import httpx
import pytest

from providers.capabilities import (
    Client,
    HasAccountIds,
    HasFriends,
    HasLevels,
    HasPlayedGames,
    HasPresence,
    HasProfiles,
    HasSearch,
    HasStableIds,
    HasTitles,
    HasTitlesWithoutCounts,
    HasTotals,
    HasUnlockHistory,
    Provider,
)
from providers.kit.upstream.upstream_client import SharedServices
from providers.steam import Steam
from providers.steam.sandbox.app import SANDBOX_SETTINGS
from providers.steam.service import SteamService

T = TypeVar("T")
PROVIDER = Steam()
CAPABILITIES = (
    HasAccountIds,
    HasFriends,
    HasLevels,
    HasPlayedGames,
    HasPresence,
    HasProfiles,
    HasSearch,
    HasStableIds,
    HasTitles,
    HasTitlesWithoutCounts,
    HasTotals,
)


def run_with_service(settings: Mapping[str, str], scenario: Callable[[SteamService], T]) -> T:
    async def run_in_client() -> T:
        async with httpx.AsyncHTTPTransport() as transport:
            return scenario(PROVIDER.create_service(SharedServices(transport), settings))

    return asyncio.run(run_in_client())


def test_the_source_is_a_provider_and_its_client_has_its_capabilities() -> None:
    provider: Provider = PROVIDER
    client: Client | None = run_with_service(
        SANDBOX_SETTINGS, lambda service: service.get_operator_client()
    )

    assert provider.label == "Steam"
    assert PROVIDER.secrets <= PROVIDER.settings.keys()
    assert PROVIDER.settings.keys() >= set(PROVIDER.required_settings)
    assert PROVIDER.credential_headers == {"x-steam-id", "x-steam-api-key"}
    assert client is not None
    assert all(isinstance(client, each) for each in CAPABILITIES)
    assert not isinstance(client, HasUnlockHistory)
    assert (client.source, client.own_handle) == ("STEAM", "me")


def test_without_a_key_there_is_no_operator() -> None:
    settings = {**SANDBOX_SETTINGS, "STEAM_API_KEY": ""}

    assert run_with_service(settings, lambda service: service.get_operator_client()) is None


def test_a_key_without_an_account_is_of_use() -> None:
    client = run_with_service(
        {**SANDBOX_SETTINGS, "STEAM_ID": ""}, lambda service: service.get_operator_client()
    )

    assert client is not None
    assert client.own_handle == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [("STEAM_API_KEY", "secret1"), ("STEAM_ID", "secret1/.."), ("STEAM_ID", "me")],
)
def test_a_malformed_setting_is_named_and_not_shown(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name) as caught:
        run_with_service({**SANDBOX_SETTINGS, name: value}, lambda service: service.url)

    assert "secret1" not in str(caught.value)


@pytest.mark.parametrize(
    "own_handle", ["vega_north", "https://steamcommunity.com/id/vega_north/", "[U:1:22]"]
)
def test_the_own_account_has_any_spelling(own_handle: str) -> None:
    client = run_with_service(
        {**SANDBOX_SETTINGS, "STEAM_ID": own_handle}, lambda service: service.get_operator_client()
    )

    assert client is not None
    assert client.own_handle == "me"
