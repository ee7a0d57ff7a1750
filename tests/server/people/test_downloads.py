"""A message resource's bytes, which no browser may take for a page of ours."""

from urllib.parse import quote

import httpx
import pytest

from providers.psn.sandbox import world
from providers.psn.sandbox.model import Resource
from tests.asking import Server
from tests.server.credentials.people import SECOND_ON_RETRO

PATH = f"/psn/groups/{world.DIRECT_GROUP_ID}/resources/{world.IMAGE_RESOURCE_ID}"
INERT = "application/octet-stream"
SHOWN = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "audio/3gpp",
    "audio/mpeg",
    "video/mp4",
]
RUNS = [
    "text/html",
    "text/html; charset=utf-8",
    "TEXT/HTML",
    "image/svg+xml",
    "application/xhtml+xml",
    "text/xml",
    "application/xml",
    "application/pdf",
    "text/javascript",
    "text/plain",
    "image/png, text/html",
    "multipart/x-mixed-replace",
    "",
    "nonsense",
]


def fetched(server: Server, path: str = PATH) -> httpx.Response:
    """The answer of the download route."""
    return server.request("GET", path)


def code(response: httpx.Response) -> str:
    """The code of a refusal."""
    return response.json()["errors"][0]["extensions"]["code"]


def kept(server: Server, content: bytes, content_type: str) -> None:
    """Put other bytes under the picture's id."""
    names = (world.DIRECT_GROUP_ID, world.IMAGE_RESOURCE_ID)
    server.psn.world.resources[names] = Resource(content, content_type)


@pytest.mark.parametrize(
    ("resource_id", "content", "content_type"),
    [
        (world.IMAGE_RESOURCE_ID, b"\x89PNG\r\n\x1a\nsandbox image", "image/png"),
        (world.VOICE_RESOURCE_ID, b"voice", "audio/3gpp"),
    ],
)
def test_the_bytes_come_with_their_type(
    server: Server, resource_id: str, content: bytes, content_type: str
) -> None:
    response = fetched(server, f"/psn/groups/{world.DIRECT_GROUP_ID}/resources/{resource_id}")
    assert response.status_code == 200
    assert response.content == content
    assert response.headers["content-type"] == content_type
    assert "content-disposition" not in response.headers


def test_the_address_that_a_message_gives_is_the_routes(server: Server) -> None:
    query = (
        '{ user(accounts: [{ source: PSN, handle: "me" }]) { accounts { ... on PsnAccount { '
        f'messageGroup(groupId: "{world.DIRECT_GROUP_ID}") {{ '
        "messages(first: 45) { edges { node { resource { url } } } } } } } } }"
    )
    group = server.data(query)["user"]["accounts"][0]["messageGroup"]
    found = [edge["node"]["resource"] for edge in group["messages"]["edges"]]
    urls = [each["url"] for each in found if each]
    assert len(urls) == 2
    for url in urls:
        assert fetched(server, httpx.URL(url).raw_path.decode()).status_code == 200


@pytest.mark.parametrize("content_type", SHOWN)
def test_what_a_browser_shows_and_cannot_run_is_shown(server: Server, content_type: str) -> None:
    kept(server, b"bytes", content_type)
    response = fetched(server)
    assert response.headers["content-type"] == content_type
    assert "content-disposition" not in response.headers


@pytest.mark.parametrize("content_type", RUNS)
def test_what_could_run_as_a_page_of_ours_is_a_download(server: Server, content_type: str) -> None:
    content = b"<script>alert(document.domain)</script>"
    server.fail("/resources/", status=200, body=content, headers={"Content-Type": content_type})
    response = fetched(server)
    assert response.content == content
    assert response.headers["content-type"] == INERT
    assert response.headers["content-disposition"] == "attachment"


@pytest.mark.parametrize("content_type", ["text/html", "image/png"])
def test_nothing_is_sniffed_framed_run_or_kept(server: Server, content_type: str) -> None:
    kept(server, b"<html>", content_type)
    headers = fetched(server).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "private, no-store"


def test_headers_of_the_upstream_do_not_travel_on(server: Server) -> None:
    sent = {"Content-Type": "image/png", "Set-Cookie": "a=b", "Refresh": "0;url=//evil.invalid"}
    server.fail("/resources/", status=200, body=b"bytes", headers=sent)
    headers = fetched(server).headers
    assert not {"set-cookie", "refresh"} & set(headers)


def test_a_resource_is_fetched_anew_each_time(server: Server) -> None:
    fetched(server)
    kept(server, b"changed", "image/png")
    assert fetched(server).content == b"changed"


@pytest.mark.parametrize(
    "path",
    [
        PATH + "0",
        f"/psn/groups/{world.NAMED_GROUP_ID}/resources/{world.IMAGE_RESOURCE_ID}",
        f"/psn/groups/~0000000000000000.0000000000000000/resources/{world.IMAGE_RESOURCE_ID}",
    ],
)
def test_what_is_not_there_is_not_found(server: Server, path: str) -> None:
    response = fetched(server, path)
    assert (response.status_code, code(response)) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    "name", ["..", "%2e%2e", "a b", "a%2Fb", "%00", "ü", "a" * 201, "..%2f..%2fsecret", "a?b=c"]
)
def test_a_name_that_would_climb_is_refused_before_any_call(server: Server, name: str) -> None:
    for path in (f"/psn/groups/{name}/resources/x", f"/psn/groups/x/resources/{name}"):
        response = server.request("GET", path)
        assert response.status_code in (400, 404)
    quoted = quote(name, safe="")
    group_path = f"/psn/groups/{world.DIRECT_GROUP_ID}/resources/{quoted}"
    assert server.request("GET", group_path).status_code in (400, 404)
    assert server.asked() == {}


def test_who_brings_credentials_for_another_source_alone_is_not_the_operator_here(
    server: Server,
) -> None:
    response = server.request("GET", PATH, headers=dict(SECOND_ON_RETRO))
    assert (response.status_code, code(response)) == (403, "FORBIDDEN")
    assert server.asked() == {}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_the_route_only_reads(server: Server, method: str) -> None:
    assert server.request(method, PATH).status_code == 405


@pytest.mark.parametrize(
    ("how", "status", "expected"),
    [
        ({"status": 503}, 502, "UPSTREAM_UNAVAILABLE"),
        ({"reset": True}, 502, "UPSTREAM_UNAVAILABLE"),
        ({"status": 429}, 503, "UPSTREAM_RATE_LIMITED"),
        ({"status": 403, "body": "<html>edge</html>"}, 502, "UPSTREAM_UNAVAILABLE"),
        (
            {"status": 302, "headers": {"Location": "http://127.0.0.1/"}},
            502,
            "UPSTREAM_BAD_RESPONSE",
        ),
        ({"status": 401}, 502, "UPSTREAM_UNAUTHENTICATED"),
    ],
)
def test_an_upstream_that_fails_is_told_by_its_code(
    server: Server, how: dict[str, object], status: int, expected: str
) -> None:
    server.fail("/resources/", **how)
    response = fetched(server)
    assert (response.status_code, code(response)) == (status, expected)


def test_a_request_whose_language_cannot_be_read_is_refused(server: Server) -> None:
    response = server.request("GET", PATH, headers={"Accept-Language": "%%%"})
    assert (response.status_code, code(response)) == (400, "BAD_USER_INPUT")
