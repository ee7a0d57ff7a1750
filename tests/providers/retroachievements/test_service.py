"""Which credential a client uses."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TypeVar

import httpx
import pytest

from providers.capabilities import Client, HasAwards, HasProfiles, HasTitles, HasTotals, Provider
from providers.errors import CallerUnauthenticated
from providers.kit.upstream.upstream_client import SharedServices
from providers.retroachievements.sandbox.app import SANDBOX_SETTINGS
from providers.retroachievements.service import RetroAchievementsService
from tests.providers.retroachievements.harness import PROVIDER

T = TypeVar("T")
OPERATOR_SETTINGS = dict(SANDBOX_SETTINGS)
NAME, KEY = "x-retroachievements-username", "x-retroachievements-api-key"


def run_with_service(
    settings: Mapping[str, str], scenario: Callable[[RetroAchievementsService], T]
) -> T:
    async def run_in_client() -> T:
        async with httpx.AsyncHTTPTransport() as transport:
            return scenario(PROVIDER.create_service(SharedServices(transport), settings))

    return asyncio.run(run_in_client())


def test_the_source_is_a_provider_and_its_client_has_its_capabilities() -> None:
    provider: Provider = PROVIDER
    assert provider.label == "RetroAchievements"
    assert PROVIDER.secrets <= PROVIDER.settings.keys()
    assert PROVIDER.settings.keys() >= set(PROVIDER.required_settings)
    assert PROVIDER.credential_headers == {NAME, KEY}
    client: Client | None = run_with_service(
        OPERATOR_SETTINGS, lambda service: service.get_operator_client()
    )
    assert client is not None
    assert isinstance(client, HasProfiles)
    assert isinstance(client, HasTitles)
    assert isinstance(client, HasTotals)
    assert isinstance(client, HasAwards)
    assert (client.source, client.own_handle) == ("RETRO_ACHIEVEMENTS", "VegaNorth")


@pytest.mark.parametrize("missing", OPERATOR_SETTINGS)
def test_without_a_name_and_a_key_there_is_no_operator(missing: str) -> None:
    assert (
        run_with_service(
            {**OPERATOR_SETTINGS, missing: ""}, lambda service: service.get_operator_client()
        )
        is None
    )


def test_without_credential_headers_there_is_no_caller() -> None:
    headers = {"x-npsso": "something"}
    assert (
        run_with_service(OPERATOR_SETTINGS, lambda service: service.create_caller_client(headers))
        is None
    )


@pytest.mark.parametrize(
    ("headers", "named"),
    [
        ({NAME: "SecondSam"}, KEY),
        ({KEY: "secret1"}, NAME),
        ({NAME: "", KEY: "secret1"}, NAME),
        ({NAME: "SecondSam", KEY: ""}, KEY),
        ({NAME: "../secret1", KEY: "secret1"}, NAME),
        ({NAME: "SecondSam", KEY: "secret1 secret1"}, KEY),
        ({NAME: "SecondSam", KEY: "secret1é"}, KEY),
    ],
)
def test_an_incomplete_credential_is_an_error_and_never_the_operator(
    headers: dict[str, str], named: str
) -> None:
    with pytest.raises(CallerUnauthenticated) as caught:
        run_with_service(OPERATOR_SETTINGS, lambda service: service.create_caller_client(headers))
    assert named in caught.value.message
    assert "secret1" not in caught.value.message


def test_the_same_key_has_the_same_scope() -> None:
    def get_scopes(service: RetroAchievementsService) -> list[str]:
        operator = service.get_operator_client()
        same = service.create_caller_client(
            {NAME: "VegaNorth", KEY: OPERATOR_SETTINGS["RETROACHIEVEMENTS_API_KEY"]}
        )
        other = service.create_caller_client({NAME: "VegaNorth", KEY: "another"})
        return [client.scope for client in (operator, same, other) if client is not None]

    operator, same, other = run_with_service(OPERATOR_SETTINGS, get_scopes)
    assert operator == same != other


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("RETROACHIEVEMENTS_URL", "retroachievements.org"),
        ("RETROACHIEVEMENTS_MEDIA_URL", "javascript:x"),
        ("RETROACHIEVEMENTS_USERNAME", "not a name"),
        ("RETROACHIEVEMENTS_API_KEY", "not a key"),
    ],
)
def test_an_invalid_setting_is_rejected_by_name(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=name) as caught:
        run_with_service({**OPERATOR_SETTINGS, name: text}, lambda service: service)
    assert "not a key" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("RETROACHIEVEMENTS_RATE", "often", "calls per seconds"),
        ("RETROACHIEVEMENTS_RATE", "0/1", "calls per seconds"),
        ("RETROACHIEVEMENTS_CONCURRENCY", "0", "whole number from 1"),
        ("RETROACHIEVEMENTS_CONCURRENCY", "", "whole number from 1"),
    ],
)
def test_an_invalid_limit_is_rejected(name: str, text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        run_with_service({**OPERATOR_SETTINGS, name: text}, lambda service: service)
