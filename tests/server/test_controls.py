"""Who may switch the sandbox, and what it takes to be a switch."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.asking import Server, serving

KEYS = "r:key-read:read,w:key-write:write"
READ, WRITE = ({"Authorization": f"Bearer {key}"} for key in ("key-read", "key-write"))
FAULT = {"path": "np.playstation.com", "status": 500}
DOORS = [
    ("GET", "/sandbox/faults", None),
    ("POST", "/sandbox/faults", FAULT),
    ("DELETE", "/sandbox/faults", None),
    ("GET", "/sandbox/settings", None),
    ("PATCH", "/sandbox/settings", {"stars": "closed_empty"}),
    ("GET", "/sandbox/calls", None),
]
ASKING = "{ viewer { displayName accounts { displayName } achievements(first: 3) { totalCount } } }"


def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert answer.status_code == status
    assert answer.json()["errors"][0]["extensions"]["code"] == code
    assert answer.json()["extensions"]["upstream"]["calls"] == {}


def sent(server: Server, method: str, name: str, content: Any, **options: Any) -> httpx.Response:
    return server.request(method, f"/sandbox/{name}", json=content, **options)


def is_untouched(server: Server) -> bool:
    boxes = server.upstreams.sandboxes.values()
    return not any(box.faults for box in boxes) and server.psn.settings["stars"] == "open"


@pytest.mark.parametrize(("method", "path", "content"), DOORS)
def test_anybody_switches_the_sandbox_while_there_are_no_keys(
    server: Server, method: str, path: str, content: Any
) -> None:
    assert server.request(method, path, json=content).status_code == 200


@pytest.mark.parametrize(("method", "path", "content"), DOORS)
@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 401, "UNAUTHENTICATED"),
        ({"Authorization": "Bearer wrong"}, 401, "UNAUTHENTICATED"),
        (READ, 403, "FORBIDDEN"),
    ],
)
def test_with_keys_it_takes_one_that_may_write(
    method: str, path: str, content: Any, headers: Mapping[str, str], status: int, code: str
) -> None:
    with serving(TROPHYCASE_API_KEYS=KEYS) as server:
        answer = server.request(method, path, json=content, headers=headers)
        refused(answer, status, code)
        assert ("www-authenticate" in answer.headers) is (status == 401)
        assert is_untouched(server)

        assert server.request(method, path, json=content, headers=WRITE).status_code == 200


@pytest.mark.parametrize(("method", "path", "content"), DOORS)
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_sites_page_switches_nothing(
    server: Server, method: str, path: str, content: Any, site: str
) -> None:
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": site}

    refused(server.request(method, path, json=content, headers=headers), 403, "FORBIDDEN")
    assert is_untouched(server)


@pytest.mark.parametrize(("method", "name"), [("POST", "faults"), ("PATCH", "settings")])
def test_what_is_no_json_object_is_refused(server: Server, method: str, name: str) -> None:
    path, headers = f"/sandbox/{name}", {"Content-Type": "application/json"}

    for body in (b"", b"{", b"[]", b"null", b"1", b'{"path": "\xff"}'):
        answer = server.request(method, path, content=body, headers=headers)
        refused(answer, 400, "BAD_USER_INPUT")
    plain = server.request(method, path, content=b"{}", headers={"Content-Type": "text/plain"})
    refused(plain, 415, "BAD_USER_INPUT")
    large = b'{"path": "' + b"a" * 1536 * 1024 + b'"}'
    refused(server.request(method, path, content=large, headers=headers), 413, "BAD_USER_INPUT")
    assert is_untouched(server)


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
def test_a_fault_that_cannot_be_is_refused_when_it_is_switched_on(
    server: Server, fault: Any
) -> None:
    refused(sent(server, "POST", "faults", fault), 400, "BAD_USER_INPUT")
    assert is_untouched(server)


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
def test_a_fault_that_is_switched_on_is_never_a_bug_of_ours(server: Server, fault: Any) -> None:
    assert sent(server, "POST", "faults", fault).status_code == 200

    assert "INTERNAL_SERVER_ERROR" not in server.ask(ASKING).error_codes


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
def test_a_setting_keeps_its_kind(server: Server, changes: Any) -> None:
    before = server.request("GET", "/sandbox/settings").json()

    refused(sent(server, "PATCH", "settings", changes), 400, "BAD_USER_INPUT")

    assert server.request("GET", "/sandbox/settings").json() == before


def test_a_setting_is_changed_and_told(server: Server) -> None:
    told = sent(server, "PATCH", "settings", {"stars": "closed_empty", "unknown": 1}).json()

    assert told["stars"] == server.psn.settings["stars"] == "closed_empty"
    assert "unknown" not in told


def test_without_the_sandbox_there_is_nothing_to_switch() -> None:
    with serving(sandbox=False) as server:
        for method, path, content in DOORS:
            refused(server.request(method, path, json=content), 404, "NOT_FOUND")
