"""The key is in every address, and nowhere else."""

import logging
import traceback

import pytest

from providers.kit.sandbox import Fault
from providers.retroachievements.client import RetroAchievementsClient
from tests.providers.retroachievements.asking import Asking

KEY = "sandbox-ra-key"


@pytest.mark.parametrize(
    "fault",
    [
        Fault("API", 401, {"message": "no"}),
        Fault("API", 503, "<html>"),
        Fault("API", reset=True),
        Fault("API", truncate=True),
        Fault("API", 404, "<html>"),
        Fault("API", 200, "<html>"),
    ],
)
def test_no_error_shows_the_key(fault: Fault) -> None:
    asking = Asking()
    asking.sandbox.faults.append(fault)
    (outcome,) = asking.run(lambda client: client.people(["VegaNorth"]))
    assert isinstance(outcome, Exception)
    assert KEY not in "".join(traceback.format_exception(outcome)) + repr(outcome)


def test_no_log_shows_the_key(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    Asking().run(lambda client: client.people(["VegaNorth"]))
    assert "API_GetUserProfile.php" in caplog.text
    assert KEY not in caplog.text


def test_no_value_shows_the_key() -> None:
    async def shown(client: RetroAchievementsClient) -> str:
        return repr(client) + repr(client.view) + repr(client.view.api.credential) + client.scope

    assert KEY not in Asking().run(shown)
