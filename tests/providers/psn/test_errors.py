"""Error responses, by HTTP status and by the service's error code."""

import httpx
import pytest

from providers.errors import (
    BadResponse,
    CallerUnauthenticated,
    NotFound,
    Private,
    ProviderError,
    RateLimited,
    Unauthenticated,
    Unavailable,
)
from providers.kit.upstream.upstream_client import UpstreamResponse
from providers.psn import errors


def make_reply(status: int, body: str, content_type: str = "application/json") -> UpstreamResponse:
    return UpstreamResponse(
        status, httpx.Headers({"content-type": content_type}), body.encode(), "PSN"
    )


def make_error_body(code: int) -> str:
    return f'{{"error": {{"code": {code}, "message": "secret words"}}}}'


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (make_reply(401, make_error_body(2241025)), Unauthenticated),
        (make_reply(400, make_error_body(2240512 + 514)), Unauthenticated),
        (make_reply(403, make_error_body(2240512 + 523)), RateLimited),
        (make_reply(403, make_error_body(2240526)), Private),
        (make_reply(403, "[]"), Private),
        (make_reply(403, "<html>", "text/html"), Unavailable),
        (make_reply(404, make_error_body(2240525)), NotFound),
        (make_reply(404, "<html>", "text/html"), BadResponse),
        (make_reply(400, make_error_body(2240513)), NotFound),
        (make_reply(409, '{"error": 7}'), BadResponse),
        (make_reply(405, "nonsense"), BadResponse),
    ],
)
def test_an_error_response_maps_to_one_error(
    response: UpstreamResponse, kind: type[ProviderError]
) -> None:
    found = errors.map_error(response, errors.TROPHY_OWNER_RULES, is_caller=False)
    assert type(found) is kind
    assert "secret" not in str(found)


def test_a_401_is_an_error_of_the_credentials_owner() -> None:
    found = errors.map_error(make_reply(401, "{}"), errors.TROPHY_OWNER_RULES, is_caller=True)
    assert isinstance(found, CallerUnauthenticated)


def test_a_400_is_not_found_only_for_an_account() -> None:
    found = errors.map_error(
        make_reply(400, make_error_body(2240513)), errors.TROPHY_TITLE_RULES, is_caller=False
    )
    assert isinstance(found, BadResponse)


@pytest.mark.parametrize("query", ["limit", "offset"])
def test_a_400_about_paging_is_a_bad_response(query: str) -> None:
    body = f'{{"error": {{"code": 2240513, "message": "Bad Request (query: {query})"}}}}'
    found = errors.map_error(make_reply(400, body), errors.TROPHY_OWNER_RULES, is_caller=False)
    assert isinstance(found, BadResponse)


def test_a_success_is_no_error() -> None:
    assert errors.map_error(make_reply(200, "{}"), errors.DEFAULT_RULES, is_caller=False) is None
