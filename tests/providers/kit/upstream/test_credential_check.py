"""What a credential may not see makes no response that is served again."""

import asyncio
import time
from typing import Any

import httpx
import pytest

from providers.errors import CallerUnauthenticated
from providers.kit.caching.policy import CachePolicy
from providers.kit.rate_limiting.rate_limiter import Rate
from providers.kit.request_context import RequestContext, set_current
from providers.kit.upstream.credential_check import CredentialCheck
from providers.kit.upstream.upstream_client import SharedServices, UpstreamClient
from providers.registry import Source
from server import graphql_request
from tests.harness import run_server
from tests.providers.steam.harness import SAM_HEADERS

OWN_POLICY = CachePolicy[int]("PSN.test", int, max_age=60)
PUBLIC_VALUE = '{ trophyTitle(source: STEAM, nativeId: "4010") { achievements { name } } }'


async def _verify() -> None:
    pass


async def _reject_during_an_operation() -> tuple[bool, bool]:
    services = SharedServices(httpx.MockTransport(lambda _: httpx.Response(200)))
    upstream = UpstreamClient(services, "PSN", "a scope", Rate(None), 1, is_caller=True)
    check = CredentialCheck(upstream, services.cache, _verify)
    context = RequestContext(time.monotonic() + 10)
    set_current(context)
    await check.ensure(OWN_POLICY)
    before = context.lookup_log.is_complete
    check.record_rejected()
    with pytest.raises(CallerUnauthenticated):
        await check.ensure(OWN_POLICY)
    return before, context.lookup_log.is_complete


def test_a_rejection_during_an_operation_forbids_to_serve_its_response_again() -> None:
    assert asyncio.run(_reject_during_an_operation()) == (True, False)


def test_a_credential_that_is_rejected_while_the_body_arrives_gets_no_stored_response(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parse_request = graphql_request.parse_request
    with run_server() as server:
        client = server.services[Source.STEAM].create_caller_client(SAM_HEADERS)

        def reject_and_parse(*arguments: Any) -> graphql_request.GraphQLRequest:
            server.shared_services.credentials.record_rejected("STEAM", client.scope)
            return parse_request(*arguments)

        for _ in range(3):
            assert server.fetch_data(PUBLIC_VALUE, headers=SAM_HEADERS)["trophyTitle"]
        monkeypatch.setattr(graphql_request, "parse_request", reject_and_parse)
        assert server.execute(PUBLIC_VALUE, headers=SAM_HEADERS).errors
