"""The key is in every address, and must be in no log, error or representation."""

import logging
import traceback

import pytest

from providers.kit.sandbox import InjectedFault
from providers.retroachievements.client import RetroAchievementsClient
from tests.providers.retroachievements.harness import ClientHarness

KEY = "sandbox-ra-key"


@pytest.mark.parametrize(
    "fault",
    [
        InjectedFault("API", 401, {"message": "no"}),
        InjectedFault("API", 503, "<html>"),
        InjectedFault("API", reset=True),
        InjectedFault("API", truncate=True),
        InjectedFault("API", 404, "<html>"),
        InjectedFault("API", 200, "<html>"),
    ],
)
def test_no_error_shows_the_key(fault: InjectedFault) -> None:
    harness = ClientHarness()
    harness.sandbox.faults.append(fault)
    (outcome,) = harness.run(lambda client: client.get_profiles(["VegaNorth"]))
    assert isinstance(outcome, Exception)
    assert KEY not in "".join(traceback.format_exception(outcome)) + repr(outcome)


def test_no_log_shows_the_key(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    harness = ClientHarness()
    harness.run(lambda client: client.get_profiles(["VegaNorth"]))
    assert harness.sandbox.calls
    assert KEY not in caplog.text


def test_no_value_shows_the_key() -> None:
    async def collect_representations(client: RetroAchievementsClient) -> str:
        return (
            repr(client)
            + repr(client.cached_api)
            + repr(client.cached_api.api.credential)
            + client.scope
        )

    assert KEY not in ClientHarness().run(collect_representations)
