"""Whose key is used."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TypeVar

import httpx
import pytest

from providers.capabilities import Client, HasAwards, HasPeople, HasTitles, HasTotals, Provider
from providers.errors import CallerUnauthenticated
from providers.kit.upstream.upstream_client import Kit
from providers.retroachievements.service import RetroAchievementsService
from tests.providers.retroachievements.asking import PROVIDER

T = TypeVar("T")
OPERATORS = dict(PROVIDER.sandbox_settings)
NAME, KEY = "x-retroachievements-username", "x-retroachievements-api-key"


def with_service(
    settings: Mapping[str, str], question: Callable[[RetroAchievementsService], T]
) -> T:
    async def asked() -> T:
        async with httpx.AsyncClient() as http:
            return question(PROVIDER.open(Kit(http), settings))

    return asyncio.run(asked())


def test_the_source_is_a_provider_and_its_client_has_its_abilities() -> None:
    provider: Provider = PROVIDER
    assert provider.label == "RetroAchievements"
    assert PROVIDER.secrets <= PROVIDER.settings.keys()
    assert PROVIDER.sandbox_settings.keys() <= PROVIDER.settings.keys()
    assert PROVIDER.credential_headers == {NAME, KEY}
    client: Client | None = with_service(OPERATORS, lambda service: service.operator())
    assert client is not None
    assert isinstance(client, HasPeople)
    assert isinstance(client, HasTitles)
    assert isinstance(client, HasTotals)
    assert isinstance(client, HasAwards)
    assert (client.source, client.own_handle) == ("RETRO_ACHIEVEMENTS", "VegaNorth")


@pytest.mark.parametrize("missing", OPERATORS)
def test_without_a_name_and_a_key_there_is_no_operator(missing: str) -> None:
    assert with_service({**OPERATORS, missing: ""}, lambda service: service.operator()) is None


def test_a_caller_who_brings_nothing_is_none() -> None:
    headers = {"x-npsso": "something"}
    assert with_service(OPERATORS, lambda service: service.caller(headers)) is None


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
    with pytest.raises(CallerUnauthenticated) as refused:
        with_service(OPERATORS, lambda service: service.caller(headers))
    assert named in refused.value.message
    assert "secret1" not in refused.value.message


def test_the_same_key_is_the_same_viewer() -> None:
    def scopes(service: RetroAchievementsService) -> list[str]:
        operator = service.operator()
        same = service.caller({NAME: "VegaNorth", KEY: OPERATORS["RETROACHIEVEMENTS_API_KEY"]})
        other = service.caller({NAME: "VegaNorth", KEY: "another"})
        return [client.scope for client in (operator, same, other) if client is not None]

    operator, same, other = with_service(OPERATORS, scopes)
    assert operator == same != other


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("RETROACHIEVEMENTS_RATE", "often"),
        ("RETROACHIEVEMENTS_RATE", "0/1"),
        ("RETROACHIEVEMENTS_CONCURRENCY", "0"),
        ("RETROACHIEVEMENTS_CONCURRENCY", ""),
        ("RETROACHIEVEMENTS_URL", "retroachievements.org"),
        ("RETROACHIEVEMENTS_MEDIA_URL", "javascript:x"),
        ("RETROACHIEVEMENTS_USERNAME", "not a name"),
        ("RETROACHIEVEMENTS_API_KEY", "not a key"),
    ],
)
def test_a_setting_that_cannot_be_right_is_named(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=name) as refused:
        with_service({**OPERATORS, name: text}, lambda service: service)
    assert "not a key" not in str(refused.value)
