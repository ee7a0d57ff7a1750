"""The documents over HTTP: who may see them, what caches keep, and what failures leave."""

from collections.abc import Iterator

import pytest

from tests.harness import RunningServer, run_server
from tests.server.embeds.profiles import parse_xml
from tests.server.pages.page_operations import KEYS, PROFILES, READER

PATHS = ("/@vega/card.svg", "/@vega/feed.atom", "/@vega/calendar.ics")
MEDIA_TYPES = ("image/svg+xml", "application/atom+xml", "text/calendar")
EVERY_SOURCE = "/"  # is in every path


@pytest.fixture
def server() -> Iterator[RunningServer]:
    """Run a server with keys, and with public profiles."""
    with run_server(sandbox=True, **KEYS, **PROFILES) as running:
        yield running


@pytest.mark.slow
@pytest.mark.parametrize(("path", "media_type"), list(zip(PATHS, MEDIA_TYPES, strict=True)))
def test_anyone_sees_a_document_and_caches_keep_it(
    server: RunningServer, path: str, media_type: str
) -> None:
    response = server.request("GET", path)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert response.headers["cache-control"].startswith("public, max-age=")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert "sandbox" in response.headers["content-security-policy"]
    assert response.headers["vary"].startswith("Accept-Encoding, Accept-Language")
    unchanged = server.request("GET", path, headers={"If-None-Match": response.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert unchanged.headers["etag"] == response.headers["etag"]
    again = server.request("GET", path, headers=READER)
    assert again.content == response.content
    for headers in ({"If-None-Match": '"x"'}, {"Authorization": "Bearer wrong"}):
        assert server.request("GET", path, headers=headers).status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS)
def test_a_head_has_the_headers_of_a_get(server: RunningServer, path: str) -> None:
    response, head = server.request("GET", path), server.request("HEAD", path)
    volatile = {"x-request-id", "cache-control"}
    assert {name: value for name, value in head.headers.items() if name not in volatile} == {
        name: value for name, value in response.headers.items() if name not in volatile
    }


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS)
def test_nothing_but_its_tag_says_when_a_document_changes(server: RunningServer, path: str) -> None:
    known = {"If-Modified-Since": "Sat, 17 Oct 2026 19:40:00 GMT"}
    response = server.request("GET", path, headers=known)
    assert response.status_code == 200
    assert "last-modified" not in response.headers


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/@nobody/card.svg", 404, "There is no profile of this name."),
        ("/@nobody/feed.atom?x=1", 404, "There is no profile of this name."),
        ("/@vega/card.svg?theme=pink", 400, "theme must be one of: light, dark"),
        ("/@vega/card.svg?compact=perhaps", 400, "compact must be true or false."),
        ("/@vega/card.svg?theme=dark&theme=dark", 400, "theme must not be repeated."),
        ("/@vega/feed.atom?first=5", 400, "There is no such parameter; the parameters here: none."),
        ("/@vega/calendar.ics?by=year", 400, "by must be one of: time, day."),
        ("/@vega/calendar.ics?tz=Mars", 400, "tz must be the name of a time zone"),
    ],
)
def test_a_request_for_what_there_is_not_is_answered_plainly(
    server: RunningServer, path: str, status: int, message: str
) -> None:
    response = server.request("GET", path)
    assert response.status_code == status
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.text.startswith(message)
    assert server.count_upstream_calls() == {}


def test_nothing_is_posted(server: RunningServer) -> None:
    assert [server.request("POST", path).status_code for path in PATHS] == [405] * len(PATHS)


@pytest.mark.parametrize("path", PATHS)
def test_with_every_source_down_a_document_is_not_available(
    server: RunningServer, path: str
) -> None:
    server.inject_fault(EVERY_SOURCE, status=503)
    response = server.request("GET", path)
    assert response.status_code == 503
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["retry-after"] == "60"


def test_the_card_of_failing_sources_is_still_a_picture(server: RunningServer) -> None:
    server.inject_fault(EVERY_SOURCE, status=503)
    content = server.request("GET", "/@vega/card.svg").content
    assert "not available" in "".join(parse_xml(content).itertext())


@pytest.mark.slow
def test_a_failing_source_is_kept_for_the_shortest_time(server: RunningServer) -> None:
    server.inject_fault("/IPlayerService", status=503)
    server.inject_fault("/ISteamUserStats", status=503)
    for path in PATHS:
        response = server.request("GET", path)
        assert response.status_code == 200
        assert response.headers["cache-control"] == "public, max-age=60"


@pytest.mark.slow
def test_the_card_has_its_pictures_in_itself(server: RunningServer) -> None:
    text = server.request("GET", "/@vega/card.svg").text
    assert text.count("data:image/png;base64,") == 6
    assert text.count("http") == text.count("http://www.w3.org/2000/svg") == 1
    compact = server.request("GET", "/@vega/card.svg?compact&theme=auto")
    assert compact.text.count("data:image/png;base64,") == 1
    assert "style-src 'sha256-" in compact.headers["content-security-policy"]


@pytest.mark.slow
def test_a_second_document_costs_no_call(server: RunningServer) -> None:
    server.request("GET", "/@vega/feed.atom")
    calls = server.count_upstream_calls()
    for path in ("/@vega/feed.atom", "/@VEGA/card.svg", "/@vega/card.svg?compact"):
        assert server.request("GET", path).status_code == 200
    assert server.count_upstream_calls() == calls


@pytest.mark.slow
@pytest.mark.parametrize("path", [*PATHS, "/@vega/overlay?show=toast"])
def test_other_sites_pages_may_show_a_document(path: str) -> None:
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
    with run_server(sandbox=True, **PROFILES) as server:
        response = server.request("GET", path, headers=headers)
        assert response.status_code == 200
        assert response.headers["cross-origin-resource-policy"] == "cross-origin"


def test_a_profile_is_what_it_lists_and_nothing_more() -> None:
    with run_server(sandbox=True, **KEYS, **PROFILES) as server:
        text = server.request("GET", "/@second/feed.atom").text
        assert 'term="STEAM"' not in text
        assert 'term="PSN"' in text
        assert server.request("GET", "/@vega/stars.ics").status_code == 404
