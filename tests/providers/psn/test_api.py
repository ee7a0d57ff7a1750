"""Calls with one credential: language, sign-in, and refusals as errors."""

import pytest

from providers.errors import CallerUnauthenticated, NotFound
from providers.kit.sandbox import InjectedFault
from providers.psn import errors
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import create_sandbox
from providers.psn.sandbox.constants import CLIENT_ID, CLIENT_SECRET
from tests.providers.psn.harness import JSON, TOKEN, run_with_client

INVALID_CALLER = {"x-client-id": CLIENT_ID, "x-client-secret": CLIENT_SECRET, "x-npsso": "x" * 64}


@pytest.mark.parametrize(("language", "sent"), [(None, "en-US"), ("de-DE", "de-DE")])
def test_every_call_has_the_language_of_the_request(language: str | None, sent: str) -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> None:
        api = client.cached_api.api
        await api.get_unchecked(f"{api.urls.trophies}/users/me/trophySummary")
        await api.post_query_unchecked(f"{api.urls.mobile}/api/search/v1/universalSearch", {})

    run_with_client(scenario, sandbox, language=language)
    assert [request.headers["accept-language"] for request in sandbox.log[1:]] == [sent, sent]


def test_a_refusal_is_raised_only_by_a_checked_call() -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(InjectedFault("trophySummary", 404, {}, JSON))

    async def scenario(client: PsnClient) -> int:
        api = client.cached_api.api
        url = f"{api.urls.trophies}/users/me/trophySummary"
        with pytest.raises(NotFound):
            await api.get(url, errors.TROPHY_OWNER_RULES)
        return (await api.get_unchecked(url)).status

    assert run_with_client(scenario, sandbox) == 404


def test_without_a_credential_no_token_is_obtained() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> None:
        api = client.cached_api.api
        url = f"{api.urls.trophies}/users/me/trophySummary"
        await api.without_credential().get_unchecked(url)

    run_with_client(scenario, sandbox)
    assert TOKEN not in sandbox.calls
    assert "authorization" not in sandbox.log[-1].headers


def test_a_caller_must_be_able_to_sign_in() -> None:
    async def scenario(client: PsnClient) -> None:
        await client.cached_api.api.check_caller_signed_in()

    with pytest.raises(CallerUnauthenticated):
        run_with_client(scenario, caller=INVALID_CALLER)
