"""The key is in some addresses, and must be in no log, error, answer or representation."""

import logging
from typing import Any

import pytest

from tests.providers.steam.harness import OWNER_KEY, query_user, run_steam

SELECTION = """accounts { status { state message } } trophyTitles {
  edges { node { achievements { name earned } } } sources { state message } }"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault",
    [
        {"status": 403, "body": f"<html>key={OWNER_KEY}</html>"},
        {"status": 401, "body": f"<html>key={OWNER_KEY}</html>"},
        {"status": 500, "body": f"<html>{OWNER_KEY}</html>"},
        {"status": 200, "body": f"<html>{OWNER_KEY}</html>"},
        {"status": 404, "body": {"error": OWNER_KEY}},
        {"reset": True},
        {"truncate": True},
    ],
)
def test_no_answer_and_no_log_shows_the_key(
    caplog: pytest.LogCaptureFixture, fault: dict[str, Any]
) -> None:
    caplog.set_level(logging.DEBUG)
    with run_steam() as server:
        server.inject_fault("GetPlayerAchievements", **fault)
        response = query_user(server, SELECTION)
        metrics = server.request("GET", "/metrics").text

        assert "GetPlayerAchievements" in "".join(server.steam.calls)
        assert OWNER_KEY not in str(response.body) + caplog.text + metrics


def test_no_representation_shows_the_key() -> None:
    with run_steam() as server:
        (service,) = (each for each in server.services.values() if "Steam" in type(each).__name__)
        client = service.get_operator_client()

        shown = repr(service) + repr(client) + repr(client.cached_api.api) + client.scope

        assert OWNER_KEY not in shown
