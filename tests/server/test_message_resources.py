"""Downloads of message resources, which no browser may render as a page of this server."""

from urllib.parse import quote

import httpx
import pytest

from providers.psn.sandbox import constants
from providers.psn.sandbox.models import Resource
from tests.harness import RunningServer
from tests.server.caller_headers import SECOND_ON_RETRO
from tests.server.message_requests import fetch_resource_urls

RESOURCE_PATH = f"/psn/groups/{constants.DIRECT_GROUP_ID}/resources/{constants.IMAGE_RESOURCE_ID}"
BINARY_MEDIA_TYPE = "application/octet-stream"
INLINE_MEDIA_TYPES = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "audio/3gpp",
    "audio/mpeg",
    "video/mp4",
]
ACTIVE_MEDIA_TYPES = [
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


def fetch_resource(server: RunningServer, path: str = RESOURCE_PATH) -> httpx.Response:
    """Request a resource."""
    return server.request("GET", path)


def get_error_code(response: httpx.Response) -> str:
    """Return the code of an error response."""
    return response.json()["errors"][0]["extensions"]["code"]


def replace_resource(server: RunningServer, content: bytes, content_type: str) -> None:
    """Replace the bytes of the image."""
    names = (constants.DIRECT_GROUP_ID, constants.IMAGE_RESOURCE_ID)
    server.psn.database.resources[names] = Resource(content, content_type)


@pytest.mark.parametrize(
    ("resource_id", "content", "content_type"),
    [
        (constants.IMAGE_RESOURCE_ID, b"\x89PNG\r\n\x1a\nsandbox image", "image/png"),
        (constants.VOICE_RESOURCE_ID, b"voice", "audio/3gpp"),
    ],
)
def test_the_bytes_have_their_content_type(
    server: RunningServer, resource_id: str, content: bytes, content_type: str
) -> None:
    response = fetch_resource(
        server, f"/psn/groups/{constants.DIRECT_GROUP_ID}/resources/{resource_id}"
    )
    assert response.status_code == 200
    assert response.content == content
    assert response.headers["content-type"] == content_type
    assert "content-disposition" not in response.headers


def test_the_urls_in_messages_lead_to_the_route(server: RunningServer) -> None:
    urls = fetch_resource_urls(server)
    assert len(urls) == 2
    for url in urls:
        assert fetch_resource(server, httpx.URL(url).raw_path.decode()).status_code == 200


@pytest.mark.parametrize("content_type", INLINE_MEDIA_TYPES)
def test_media_types_without_scripts_are_shown_inline(
    server: RunningServer, content_type: str
) -> None:
    replace_resource(server, b"bytes", content_type)
    response = fetch_resource(server)
    assert response.headers["content-type"] == content_type
    assert "content-disposition" not in response.headers


@pytest.mark.parametrize("content_type", ACTIVE_MEDIA_TYPES)
def test_media_types_with_scripts_are_downloads(server: RunningServer, content_type: str) -> None:
    content = b"<script>alert(document.domain)</script>"
    server.inject_fault(
        "/resources/", status=200, body=content, headers={"Content-Type": content_type}
    )
    response = fetch_resource(server)
    assert response.content == content
    assert response.headers["content-type"] == BINARY_MEDIA_TYPE
    assert response.headers["content-disposition"] == "attachment"


@pytest.mark.parametrize("content_type", ["text/html", "image/png"])
def test_nothing_is_sniffed_framed_run_or_cached(server: RunningServer, content_type: str) -> None:
    replace_resource(server, b"<html>", content_type)
    headers = fetch_resource(server).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "private, no-store"


def test_headers_of_the_upstream_are_not_forwarded(server: RunningServer) -> None:
    sent = {"Content-Type": "image/png", "Set-Cookie": "a=b", "Refresh": "0;url=//evil.invalid"}
    server.inject_fault("/resources/", status=200, body=b"bytes", headers=sent)
    headers = fetch_resource(server).headers
    assert not {"set-cookie", "refresh"} & set(headers)


def test_a_resource_is_never_cached(server: RunningServer) -> None:
    fetch_resource(server)
    replace_resource(server, b"changed", "image/png")
    assert fetch_resource(server).content == b"changed"


@pytest.mark.parametrize(
    "path",
    [
        RESOURCE_PATH + "0",
        f"/psn/groups/{constants.NAMED_GROUP_ID}/resources/{constants.IMAGE_RESOURCE_ID}",
        f"/psn/groups/~0000000000000000.0000000000000000/resources/{constants.IMAGE_RESOURCE_ID}",
    ],
)
def test_a_missing_resource_is_not_found(server: RunningServer, path: str) -> None:
    response = fetch_resource(server, path)
    assert (response.status_code, get_error_code(response)) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    "name", ["..", "%2e%2e", "a b", "a%2Fb", "%00", "ü", "a" * 201, "..%2f..%2fsecret", "a?b=c"]
)
def test_path_traversal_is_rejected_before_any_call(server: RunningServer, name: str) -> None:
    for path in (f"/psn/groups/{name}/resources/x", f"/psn/groups/x/resources/{name}"):
        response = server.request("GET", path)
        assert response.status_code in (400, 404)
    quoted = quote(name, safe="")
    group_path = f"/psn/groups/{constants.DIRECT_GROUP_ID}/resources/{quoted}"
    assert server.request("GET", group_path).status_code in (400, 404)
    assert server.count_upstream_calls() == {}


def test_credentials_for_another_source_do_not_use_the_operators(
    server: RunningServer,
) -> None:
    response = server.request("GET", RESOURCE_PATH, headers=dict(SECOND_ON_RETRO))
    assert (response.status_code, get_error_code(response)) == (403, "FORBIDDEN")
    assert server.count_upstream_calls() == {}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_the_route_accepts_only_get_and_head(server: RunningServer, method: str) -> None:
    assert server.request(method, RESOURCE_PATH).status_code == 405


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
def test_an_upstream_failure_is_reported_by_its_code(
    server: RunningServer, how: dict[str, object], status: int, expected: str
) -> None:
    server.inject_fault("/resources/", **how)
    response = fetch_resource(server)
    assert (response.status_code, get_error_code(response)) == (status, expected)
