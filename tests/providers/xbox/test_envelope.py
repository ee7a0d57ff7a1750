"""Every envelope of a response, and every way in which a failure is told."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.errors import BadResponse
from providers.xbox.envelope import open_envelope
from tests.harness import RunningServer
from tests.providers.xbox.harness import (
    SAM,
    SKYLARK,
    TITLES,
    VEGA,
    fetch_title,
    fetch_user,
    get_nodes,
    get_state,
    query_user,
    run_xbox,
)

LISTS = "achievements/player|titles|titleHistory"
STATE = "trophyTitles { sources { state retryAfter message } }"


@pytest.mark.parametrize("envelope", ["object", "text", "none"])
@pytest.mark.parametrize("mark", [False, True])
def test_every_envelope_is_read(server: RunningServer, envelope: str, *, mark: bool) -> None:
    server.xbox.settings.update({"envelope": envelope, "byte_order_mark": mark})

    assert len(get_nodes(fetch_user(server, TITLES)["trophyTitles"])) == 9
    assert len(fetch_title(server, "achievements { name }", SKYLARK)["achievements"]) == 8
    presence = "accounts { ... on XboxAccount { gamertag presence { onlineStatus } } }"
    (account,) = fetch_user(server, presence)["accounts"]
    assert account == {"gamertag": "Vega North", "presence": {"onlineStatus": "Online"}}


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ({"status": 200, "body": {"content": "invalid locale value", "code": 400}}, "UNAVAILABLE"),
        ({"status": 200, "body": {"content": "no", "code": 403}}, "PRIVATE"),
        ({"status": 200, "body": {"content": None, "code": 503}}, "UNAVAILABLE"),
        ({"status": 200, "body": {"content": "slow down", "code": 429}}, "RATE_LIMITED"),
        ({"status": 200, "body": {"content": "who?", "code": 401}}, "UNAUTHENTICATED"),
        ({"status": 200, "body": {"code": "ERROR", "message": "Broken."}}, "UNAVAILABLE"),
        ({"status": 200, "body": {"code": "ERROR", "content": {"titles": []}}}, "UNAVAILABLE"),
        ({"status": 200, "body": {"code": "500", "content": {"titles": []}}}, "UNAVAILABLE"),
        ({"status": 200, "body": {"content": "{not json", "code": 200}}, "UNAVAILABLE"),
        ({"status": 200, "body": {"content": None, "code": 200}}, "UNAVAILABLE"),
        ({"status": 200, "body": {"content": [], "code": 200}}, "UNAVAILABLE"),
        ({"status": 200, "body": {"content": {"titles": None}, "code": 200}}, "UNAVAILABLE"),
        ({"status": 200, "body": b""}, "UNAVAILABLE"),
        ({"status": 200, "body": "<html>"}, "UNAVAILABLE"),
        ({"status": 204}, "UNAVAILABLE"),
        ({"status": 400, "body": {"code": "ERROR"}}, "UNAVAILABLE"),
        (
            {"status": 401, "body": {"code": "ERROR", "message": "Invalid API key."}},
            "UNAUTHENTICATED",
        ),
        ({"status": 403, "body": {"code": "ERROR"}}, "PRIVATE"),
        ({"status": 403, "body": "<html><title>Just a moment...</title></html>"}, "UNAVAILABLE"),
        ({"status": 404, "body": {"code": "ERROR"}}, "UNAVAILABLE"),
        ({"status": 429, "body": {"code": "ERROR"}}, "RATE_LIMITED"),
        ({"status": 503, "body": "<html>"}, "UNAVAILABLE"),
        ({"reset": True}, "UNAVAILABLE"),
        ({"truncate": True}, "UNAVAILABLE"),
    ],
    ids=str,
)
def test_a_failure_is_never_an_empty_list(fault: dict[str, Any], state: str) -> None:
    with run_xbox() as server:
        fetch_user(server, "displayName", VEGA)  # so that the account is known to exist
        server.inject_fault(LISTS, **fault)
        found = fetch_user(server, TITLES)["trophyTitles"]

    assert (found["edges"], get_state(found)) == ([], state)


@pytest.mark.parametrize(
    ("headers", "seconds"), [({}, 15), ({"Retry-After": "120"}, 120), ({"Retry-After": "x"}, 15)]
)
def test_a_refused_call_says_when_to_come_back(headers: dict[str, str], seconds: int) -> None:
    with run_xbox() as server:
        server.inject_fault(LISTS, status=429, body={}, headers=headers)
        (source,) = fetch_user(server, STATE)["trophyTitles"]["sources"]

    assert (source["state"], source["retryAfter"]) == ("RATE_LIMITED", seconds)


def test_no_text_of_the_upstream_is_shown() -> None:
    with run_xbox() as server:
        server.inject_fault("", status=200, body={"content": "the secret inside", "code": 400})
        response = query_user(server, f"{TITLES} accounts {{ status {{ message }} }}", SAM)

    assert "the secret inside" not in str(response.body)


def test_a_rejected_key_is_the_callers_error_or_the_operators() -> None:
    selection = "accounts { ... on XboxAccount { gamertag } }"
    with run_xbox() as server:
        caller = query_user(server, selection, VEGA, **{"x-xbox-api-key": "0" * 36})
        server.inject_fault("", status=401, body={"code": "ERROR", "message": "Invalid API key."})
        operator = query_user(server, selection, SAM)

    assert caller.error_codes == {"UNAUTHENTICATED"}
    assert operator.error_codes == {"UPSTREAM_UNAUTHENTICATED"}


@pytest.mark.parametrize("header", ["", "short", "with blanks in it 1234567890", "x" * 101])
def test_a_malformed_key_of_a_caller_makes_no_call(server: RunningServer, header: str) -> None:
    response = query_user(server, "displayName", VEGA, **{"x-xbox-api-key": header})

    assert response.error_codes == {"UNAUTHENTICATED"}
    assert server.xbox.log == []


@pytest.mark.slow
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["content", "code", "x"]), inner, max_size=3)
        ),
    )
)
def test_any_json_is_opened_or_refused(value: Any) -> None:
    try:
        code, content = open_envelope(json.dumps(value).encode())
    except BadResponse:
        return
    assert isinstance(code, int)
    assert isinstance(content, bytes)


@pytest.mark.slow
@given(st.binary(max_size=40))
def test_any_bytes_are_opened_or_refused(body: bytes) -> None:
    with suppress(BadResponse):
        assert isinstance(open_envelope(body)[1], bytes)
