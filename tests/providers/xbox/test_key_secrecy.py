"""The key is in no address, log, error, answer, metric or representation."""

import logging
from typing import Any

import pytest

from tests.providers.xbox.harness import OWNER_KEY, query_user, run_xbox

SELECTION = """accounts { status { state message } } trophyTitles {
  edges { node { achievements { name earned } } } sources { state message } }"""


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 401, "body": {"code": "ERROR", "message": OWNER_KEY}},
        {"status": 403, "body": f"<html>{OWNER_KEY}</html>"},
        {"status": 404, "body": {"code": "ERROR", "message": OWNER_KEY}},
        {"status": 500, "body": f"<html>{OWNER_KEY}</html>"},
        {"status": 200, "body": {"content": OWNER_KEY, "code": 400}},
        {"status": 200, "body": {"content": OWNER_KEY, "code": OWNER_KEY}},
        {"status": 302, "body": "", "headers": {"Location": f"https://x.example/{OWNER_KEY}"}},
        {"reset": True},
        {"truncate": True},
    ],
)
def test_no_answer_and_no_log_shows_the_key(
    caplog: pytest.LogCaptureFixture, fault: dict[str, Any]
) -> None:
    caplog.set_level(logging.DEBUG)
    with run_xbox() as server:
        server.inject_fault("achievements", **fault)
        response = query_user(server, SELECTION, "me")
        metrics = server.request("GET", "/metrics").text
        addresses = [str(request.url) for request in server.xbox.log]

        assert addresses
        assert OWNER_KEY not in str([response.body, addresses]) + caplog.text + metrics


@pytest.mark.slow
def test_the_key_is_sent_to_the_configured_host_in_its_own_header_alone() -> None:
    with run_xbox() as server:
        query_user(server, SELECTION, "me")
        requests = server.xbox.log

    assert {request.url.host for request in requests} == {"xbl.io"}
    for request in requests:
        names = [name for name, value in request.headers.items() if OWNER_KEY in value]
        assert names == ["x-authorization"]
        assert request.headers["user-agent"].startswith("trophycase")


def test_no_representation_shows_the_key() -> None:
    with run_xbox() as server:
        (service,) = (each for each in server.services.values() if "Xbox" in type(each).__name__)
        client = service.get_operator_client()

        shown = repr(service) + repr(client) + repr(client.cached_api.api) + client.scope

        assert OWNER_KEY not in shown
