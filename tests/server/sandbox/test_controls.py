"""The control API of the sandbox: authorization and validation."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.harness import RunningServer, run_server

KEYS = "r:key-of-the-reader:read,w:key-of-the-writer:write"
READ, WRITE = ({"Authorization": f"Bearer key-of-the-{name}"} for name in ("reader", "writer"))
FAULT = {"path": "np.playstation.com", "status": 500}
CONTROL_REQUESTS = [
    ("GET", "/sandbox/faults", None),
    ("POST", "/sandbox/faults", FAULT),
    ("DELETE", "/sandbox/faults", None),
    ("GET", "/sandbox/settings", None),
    ("PATCH", "/sandbox/settings", {"stars": "closed_empty"}),
    ("GET", "/sandbox/calls", None),
    ("POST", "/sandbox/unlocks", None),
]
VIEWER_QUERY = (
    "{ viewer { displayName accounts { displayName } achievements(first: 3) { totalCount } } }"
)


def assert_rejected(response: httpx.Response, status: int, code: str) -> None:
    assert response.status_code == status
    assert response.json()["errors"][0]["extensions"]["code"] == code
    assert response.json()["extensions"]["upstream"]["calls"] == {}


def send_control(
    server: RunningServer, method: str, name: str, content: Any, **options: Any
) -> httpx.Response:
    return server.request(method, f"/sandbox/{name}", json=content, **options)


def is_unchanged(server: RunningServer) -> bool:
    sandboxes = server.upstreams.sandboxes.values()
    return (
        not any(sandbox.faults for sandbox in sandboxes) and server.psn.settings["stars"] == "open"
    )


@pytest.mark.parametrize(("method", "path", "content"), CONTROL_REQUESTS)
def test_every_caller_controls_a_sandbox_without_keys(
    server: RunningServer, method: str, path: str, content: Any
) -> None:
    assert server.request(method, path, json=content).status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize(("method", "path", "content"), CONTROL_REQUESTS)
@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 401, "UNAUTHENTICATED"),
        ({"Authorization": "Bearer wrong"}, 401, "UNAUTHENTICATED"),
        (READ, 403, "FORBIDDEN"),
    ],
)
def test_with_keys_the_write_scope_is_required(
    method: str, path: str, content: Any, headers: Mapping[str, str], status: int, code: str
) -> None:
    with run_server(TROPHYCASE_API_KEYS=KEYS) as server:
        response = server.request(method, path, json=content, headers=headers)
        assert_rejected(response, status, code)
        assert ("www-authenticate" in response.headers) is (status == 401)
        assert is_unchanged(server)

        assert server.request(method, path, json=content, headers=WRITE).status_code == 200


@pytest.mark.parametrize(("method", "path", "content"), CONTROL_REQUESTS)
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_of_another_site_changes_nothing(
    server: RunningServer, method: str, path: str, content: Any, site: str
) -> None:
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": site}

    assert_rejected(server.request(method, path, json=content, headers=headers), 403, "FORBIDDEN")
    assert is_unchanged(server)


@pytest.mark.parametrize(("method", "name"), [("POST", "faults"), ("PATCH", "settings")])
def test_a_body_that_is_not_a_json_object_is_rejected(
    server: RunningServer, method: str, name: str
) -> None:
    path, headers = f"/sandbox/{name}", {"Content-Type": "application/json"}

    for body in (b"", b"{", b"[]", b"null", b"1", b'{"path": "\xff"}'):
        response = server.request(method, path, content=body, headers=headers)
        assert_rejected(response, 400, "BAD_USER_INPUT")
    plain = server.request(method, path, content=b"{}", headers={"Content-Type": "text/plain"})
    assert_rejected(plain, 415, "BAD_USER_INPUT")
    large = b'{"path": "' + b"a" * 1536 * 1024 + b'"}'
    assert_rejected(
        server.request(method, path, content=large, headers=headers), 413, "BAD_USER_INPUT"
    )
    assert is_unchanged(server)


@pytest.mark.parametrize(
    "fault",
    [
        {},
        {"path": 1},
        {"path": "("},
        {"path": "a{99999999999}"},
        {"path": "(?P<a>.)(?P<a>.)"},
        {"path": ".", "status": "500"},
        {"path": ".", "status": 5},
        {"path": ".", "status": 10**30},
        {"path": ".", "delay": -1},
        {"path": ".", "delay": 1e308},
        {"path": ".", "headers": {"x": "\u20ac"}},
        {"path": ".", "headers": {"x": 1}},
        {"path": ".", "headers": [1]},
        {"path": ".", "times": "many"},
    ],
)
def test_an_impossible_fault_is_rejected_when_it_is_enabled(
    server: RunningServer, fault: Any
) -> None:
    assert_rejected(send_control(server, "POST", "faults", fault), 400, "BAD_USER_INPUT")
    assert is_unchanged(server)


@pytest.mark.parametrize(
    "fault",
    [
        {"path": ".", "status": 100},
        {"path": ".", "status": 999},
        {"path": ".", "status": 200, "body": {"a": [1, None]}},
        {"path": ".", "status": 200, "body": "\u20ac"},
        {"path": ".", "status": 429, "headers": {"retry-after": "9" * 400}},
        {"path": ".", "headers": {"content-length": "x", "content-type": "x\r\ny: z"}},
        {"path": ".", "truncate": True},
        {"path": ".", "reset": True, "times": -1},
    ],
)
def test_an_enabled_fault_is_never_an_internal_error(server: RunningServer, fault: Any) -> None:
    assert send_control(server, "POST", "faults", fault).status_code == 200

    assert "INTERNAL_SERVER_ERROR" not in server.execute(VIEWER_QUERY).error_codes


@pytest.mark.parametrize(
    "changes",
    [
        {"stars": None},
        {"game_list_limit": "2"},
        {"game_list_limit": True},
        {"game_list_limit": 10**400},
        {"token_lifetime": 1e3},
        {"retired_hashes": {}},
        {"shuffle_batches": 1},
        {"stars": "closed_empty", "numbers_as_text": "on"},
    ],
)
def test_a_setting_keeps_its_type(server: RunningServer, changes: Any) -> None:
    before = server.request("GET", "/sandbox/settings").json()

    assert_rejected(send_control(server, "PATCH", "settings", changes), 400, "BAD_USER_INPUT")

    assert server.request("GET", "/sandbox/settings").json() == before


def test_a_changed_setting_is_returned(server: RunningServer) -> None:
    settings = send_control(
        server, "PATCH", "settings", {"stars": "closed_empty", "unknown": 1}
    ).json()

    assert settings["stars"] == server.psn.settings["stars"] == "closed_empty"
    assert "unknown" not in settings


def test_without_the_sandbox_there_are_no_controls() -> None:
    with run_server(sandbox=False) as server:
        for method, path, content in CONTROL_REQUESTS:
            assert_rejected(server.request(method, path, json=content), 404, "NOT_FOUND")
