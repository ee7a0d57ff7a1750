"""How long other caches may keep a page."""

from starlette.responses import Response

from providers.kit.freshness import Freshness
from server.pages.page_response import get_max_age, keep_private, share_page
from tests.server.pages.page_operations import make_request

NOW = 1_000_000.0


def make_freshness(seconds: float, *, is_lasting: bool = True) -> Freshness:
    return Freshness(NOW, NOW + seconds, has_values=True, is_lasting=is_lasting)


def test_a_page_is_kept_as_long_as_all_of_it_is_fresh_between_a_minute_and_an_hour() -> None:
    assert get_max_age([make_freshness(600), make_freshness(300), None], NOW) == 300
    assert get_max_age([make_freshness(5)], NOW) == 60
    assert get_max_age([make_freshness(1e9)], NOW) == 3_600
    assert get_max_age([Freshness()], NOW) == 60
    assert get_max_age([], NOW) == 60
    assert get_max_age([make_freshness(600), make_freshness(600, is_lasting=False)], NOW) == 60


def test_a_client_that_has_a_public_page_gets_304() -> None:
    first = share_page(make_request(), Response(b"page"), [])
    known = make_request(headers={"if-none-match": first.headers["etag"]})
    second, other = (share_page(known, Response(body), []) for body in (b"page", b"other"))

    assert first.headers["cache-control"] == "public, max-age=60"
    assert first.headers["vary"] == "Accept-Encoding, Accept-Language"
    assert (second.status_code, second.body) == (304, b"")
    assert second.headers["cache-control"] == "public, max-age=60"
    assert other.status_code == 200


def test_no_cache_keeps_any_other_page() -> None:
    response = keep_private(Response(b"page"))
    assert response.headers["cache-control"] == "private, no-store"
    assert "etag" not in response.headers
