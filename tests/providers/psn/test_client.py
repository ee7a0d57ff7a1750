"""The client has every capability of the source, and reports its own budget."""

from collections.abc import Callable

import httpx
import pytest

from providers.capabilities import (
    Client,
    HasAccountIds,
    HasCampaigns,
    HasFriends,
    HasFullProfiles,
    HasHealth,
    HasMessages,
    HasPersistedQueries,
    HasPlayedGames,
    HasPresence,
    HasProfiles,
    HasSearch,
    HasTitles,
    HasTotals,
    HasTrophySummary,
    HasWrites,
)
from providers.errors import BadInput
from providers.kit.upstream.upstream_client import SharedServices
from providers.psn import Psn
from providers.psn.client import PsnClient

CAPABILITIES: tuple[type, ...] = (
    HasAccountIds,
    HasCampaigns,
    HasFriends,
    HasFullProfiles,
    HasHealth,
    HasMessages,
    HasPersistedQueries,
    HasPlayedGames,
    HasPresence,
    HasProfiles,
    HasSearch,
    HasTitles,
    HasTotals,
    HasTrophySummary,
    HasWrites,
)


def create_client() -> PsnClient:
    source = Psn()
    settings = {**source.settings, "PSN_CLIENT_ID": "x"}
    client = source.create_service(
        SharedServices(httpx.AsyncHTTPTransport()), settings
    ).get_operator_client()
    assert client is not None
    return client


@pytest.mark.slow
@pytest.mark.parametrize("capability", CAPABILITIES)
def test_the_client_has_its_capabilities(capability: type) -> None:
    assert isinstance(create_client(), capability)


def test_the_client_is_that_of_its_own_account() -> None:
    client: Client = create_client()
    assert (client.source, client.own_handle) == ("PSN", "me")


def test_an_invalid_argument_is_rejected_by_its_name() -> None:
    client = create_client()
    checks: dict[str, Callable[[str], None]] = {
        "handle": client.check_handle,
        "nativeId": client.check_title,
        "term": client.check_term,
        "groupId": client.check_group,
        "threadId": client.check_thread,
        "resourceId": client.check_resource,
    }
    for argument, check in checks.items():
        with pytest.raises(BadInput) as caught:
            check("")
        assert (caught.value.argument, caught.value.source) == (argument, "PSN")


def test_the_budget_is_that_of_the_configured_rate() -> None:
    budget = create_client().get_budget()
    assert budget is not None
    assert (budget.limit, budget.remaining) == (300, 300)
