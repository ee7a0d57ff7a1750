"""Refusals, by status and by code."""

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
from providers.kit.upstream.upstream_client import Reply
from providers.psn import errors


def reply(status: int, body: str, content_type: str = "application/json") -> Reply:
    return Reply(status, httpx.Headers({"content-type": content_type}), body.encode(), "PSN")


def error(code: int) -> str:
    return f'{{"error": {{"code": {code}, "message": "secret words"}}}}'


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (reply(401, error(2241025)), Unauthenticated),
        (reply(400, error(2240512 + 514)), Unauthenticated),
        (reply(403, error(2240512 + 523)), RateLimited),
        (reply(403, error(2240526)), Private),
        (reply(403, "[]"), Private),
        (reply(403, "<html>", "text/html"), Unavailable),
        (reply(404, error(2240525)), NotFound),
        (reply(404, "<html>", "text/html"), BadResponse),
        (reply(400, error(2240513)), NotFound),
        (reply(409, '{"error": 7}'), BadResponse),
        (reply(405, "nonsense"), BadResponse),
    ],
)
def test_a_refusal_is_one_error(given: Reply, kind: type[ProviderError]) -> None:
    found = errors.fault(given, errors.TROPHY_OWNER, caller=False)
    assert type(found) is kind
    assert "secret" not in str(found)


def test_a_401_is_whose_credential_it_was() -> None:
    found = errors.fault(reply(401, "{}"), errors.TROPHY_OWNER, caller=True)
    assert isinstance(found, CallerUnauthenticated)


def test_a_400_is_only_an_absence_where_a_person_was_named() -> None:
    found = errors.fault(reply(400, error(2240513)), errors.TROPHY_TITLE, caller=False)
    assert isinstance(found, BadResponse)


@pytest.mark.parametrize("query", ["limit", "offset"])
def test_a_400_about_the_page_is_no_absence(query: str) -> None:
    told = f'{{"error": {{"code": 2240513, "message": "Bad Request (query: {query})"}}}}'
    found = errors.fault(reply(400, told), errors.TROPHY_OWNER, caller=False)
    assert isinstance(found, BadResponse)


def test_an_answer_is_no_refusal() -> None:
    assert errors.fault(reply(200, "{}"), errors.OTHER, caller=False) is None
