"""Webhooks of a running server: what happens on a source arrives at each address."""

import base64
import logging
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from providers.errors import TimedOut
from providers.registry import Source
from server.webhooks.unlock_listener import HEARD
from server.webhooks.unlock_message import UnlockMessage
from tests.harness import RunningServer, run_server
from tests.resolvers.live.subscriber import subscribe, wait
from tests.server.webhooks.messages import SECRET
from tests.server.webhooks.receiver import Receiver
from tests.server.webhooks.test_trophy_so import build_event, send

URL = "https://hooks.example/secret-path"
WEBHOOKS = f"first={URL}|{SECRET}\nsecond=https://d.example/api/webhooks/1/token|discord"


@contextmanager
def run_with_receivers(
    trophy_so_secret: str = "", cache_url: str = "memory://"
) -> Generator[tuple[RunningServer, list[Receiver]]]:
    """Run a server whose webhooks reach a receiver each, and let the first polls end."""
    with run_server(
        TROPHYCASE_WEBHOOKS=WEBHOOKS,
        TROPHY_SO_WEBHOOK_SECRET=trophy_so_secret,
        TROPHYCASE_CACHE_URL=cache_url,
        TROPHYCASE_CACHE_SECRET=base64.b64encode(bytes(32)).decode(),
    ) as server:
        deliverers = server.app.state.webhooks.deliverers
        receivers = [Receiver() for _ in deliverers]
        for deliverer, receiver in zip(deliverers, receivers, strict=True):
            deliverer.sender = receiver.create_sender()
        wait(server, 5)
        yield server, receivers


@pytest.mark.slow
def test_an_unlock_on_any_source_arrives_at_each_address_without_a_subscription() -> None:
    with run_with_receivers() as (server, (first, second)):
        unlocked = {source.name: server.unlock(source=source.name)[0] for source in Source}
        wait(server, 125)

        received = {each["data"]["source"]: each["data"] for each in first.bodies}
        assert received.keys() == unlocked.keys()
        for name, unlock in unlocked.items():
            achievement = received[name]["achievement"]
            assert achievement["id"] == unlock["achievement"]
            assert achievement["name"] == unlock["name"]
            assert achievement["rarityPercent"] is not None
            assert (received[name]["title"] is None) is (unlock["title"] is None)
            assert received[name]["detectedBy"] == "POLL"
        assert len(second.requests) == len(first.requests) == len(Source)


def test_a_message_has_the_form_of_its_preset_and_a_verifiable_signature() -> None:
    with run_with_receivers() as (server, (first, second)):
        (unlock,) = server.unlock(source="PSN", title="NPWR00001_00", achievement="2")
        wait(server, 65)

        (standard,) = first.requests
        assert standard.is_signed_with(SECRET)
        assert standard.json["type"] == "achievement.unlocked"
        data = standard.json["data"]
        assert standard.headers["webhook-id"] == data["eventId"]
        assert data["account"]["handle"] == data["account"]["displayName"] == "vega_north"
        assert data["account"]["id"] == "1000000000000000001"
        assert data["title"] == {"id": "NPWR00001_00", "name": "Sample Quest"}
        assert data["achievement"] == {
            "id": "2",
            "name": "Nine Lanterns",
            "description": "Light nine lanterns.",
            "iconUrl": "https://image.invalid/trophy/NPWR00001_00/2.png",
            "grade": "BRONZE",
            "points": data["achievement"]["points"],
            "rarityPercent": 61.5,
            "earnedAt": unlock["earnedAt"],
        }
        assert second.bodies[0]["embeds"][0]["title"] == "Nine Lanterns"


@pytest.mark.slow
def test_the_event_has_the_same_id_for_a_subscriber() -> None:
    with run_with_receivers() as (server, (first, _)):
        subscriber = subscribe(server)
        wait(server, 5)
        server.unlock(source="STEAM")
        wait(server, 125)

        (event,) = subscriber.events
        assert event["eventId"] == first.bodies[0]["data"]["eventId"]


def test_what_comes_by_a_webhook_goes_out_by_one_at_once() -> None:
    secret = "example-secret"
    with run_with_receivers(secret) as (server, (first, _)):
        server.unlock(source="TROPHY_SO", achievement=build_event()["achievement"]["id"])
        send(server, build_event())
        send(server, build_event(user={"id": "team/blue"}))
        wait(server, 1)

        (body,) = first.bodies
        assert body["data"]["detectedBy"] == "WEBHOOK"
        assert body["data"]["achievement"]["name"] == "For all to hear"
        assert body["data"]["account"]["displayName"] == "Vega"


@pytest.mark.slow
def test_nothing_is_sent_for_what_was_there_before() -> None:
    with run_with_receivers() as (server, receivers):
        wait(server, 900)

        assert [each.requests for each in receivers] == [[], []]


def test_without_webhooks_nothing_is_watched(server: RunningServer) -> None:
    wait(server, 600)

    assert server.count_upstream_calls() == {}


@pytest.mark.slow
def test_a_source_that_fails_first_is_watched_later() -> None:
    with run_server(TROPHYCASE_WEBHOOKS=WEBHOOKS) as server:
        receiver = Receiver()
        for deliverer in server.app.state.webhooks.deliverers[:1]:
            deliverer.sender = receiver.create_sender()
        server.inject_fault("^api.steampowered.com", status=503)
        wait(server, 90)
        server.clear_faults()
        wait(server, 600)
        server.unlock(source="STEAM")
        wait(server, 900)

        assert [each["data"]["source"] for each in receiver.bodies] == ["STEAM"]


@pytest.mark.slow
def test_one_source_that_needs_a_sign_in_does_not_silence_the_others() -> None:
    with run_server(TROPHYCASE_WEBHOOKS=WEBHOOKS) as server:
        receiver = Receiver()
        server.app.state.webhooks.deliverers[0].sender = receiver.create_sender()
        server.inject_fault("/oauth/", status=400, body={"error": "invalid_grant"})
        wait(server, 30)
        server.unlock(source="XBOX")
        wait(server, 240)

        assert [each["data"]["source"] for each in receiver.bodies] == ["XBOX"]


def test_no_unlock_is_lost_while_the_store_cannot_be_reached() -> None:
    with run_with_receivers() as (server, (first, _)):
        listener = server.app.state.webhooks.listener
        put, failures = listener.put, 3

        async def fail_first(message: UnlockMessage) -> None:
            nonlocal failures
            failures -= 1
            if failures >= 0:
                raise TimedOut("The store did not answer in time.")
            await put(message)

        listener.put = fail_first
        server.unlock(source="STEAM")
        server.unlock(source="STEAM")
        wait(server, 150)

        assert len(first.requests) == 2


def test_the_first_event_is_not_lost_while_the_account_cannot_be_listened_to() -> None:
    secret = "example-secret"
    with run_server(TROPHYCASE_WEBHOOKS=WEBHOOKS, TROPHY_SO_WEBHOOK_SECRET=secret) as server:
        receiver = Receiver()
        server.app.state.webhooks.deliverers[0].sender = receiver.create_sender()
        server.unlock(source="TROPHY_SO", achievement=build_event()["achievement"]["id"])
        send(server, build_event())
        wait(server, 1)

        assert [each["data"]["source"] for each in receiver.bodies] == ["TROPHY_SO"]


@pytest.mark.slow
def test_a_cursor_of_another_version_ends_nothing() -> None:
    with run_with_receivers() as (server, (first, _)):
        listener = server.app.state.webhooks.listener

        async def restart() -> None:
            await listener.aclose()
            for source in Source:
                await listener.records.set(HEARD, source.name, "", b"unreadable")
            listener.start()

        server.run(restart())
        wait(server, 310)
        server.unlock(source="STEAM")
        wait(server, 900)

        assert len(first.requests) == 1


def test_what_was_learned_long_before_the_webhooks_were_set_is_not_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("server.webhooks.unlock_listener.MAX_AGE_SECONDS", -1)
    with run_with_receivers() as (server, (first, _)):
        server.unlock(source="STEAM")
        wait(server, 125)

        assert first.requests == []


def test_an_attempt_is_counted_by_its_outcome() -> None:
    with run_with_receivers() as (server, (first, _)):
        first.answers.append(500)
        server.unlock(source="PSN")
        wait(server, 90)

        text = server.request("GET", "/metrics").text
        assert 'trophycase_webhook_deliveries_total{outcome="delivered"} 2.0' in text
        assert 'trophycase_webhook_deliveries_total{outcome="failed"} 1.0' in text


@pytest.mark.slow
def test_no_log_line_has_an_address_or_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), run_with_receivers() as (server, (first, second)):
        first.answers.extend([500, 410])
        second.answers.append(400)
        server.unlock(source="PSN")
        wait(server, 300)

    assert "webhook first: status 500; again in 5 s" in caplog.messages
    for text in (URL, SECRET, "hooks.example", "d.example", "webhooks/1/token"):
        assert text not in caplog.text


@pytest.mark.slow
def test_what_waits_is_delivered_by_the_next_process(tmp_path: Path) -> None:
    cache_url = f"sqlite:///{tmp_path / 'cache.db'}"
    with run_with_receivers(cache_url=cache_url) as (server, (first, second)):
        first.status = 500
        server.unlock(source="STEAM")
        wait(server, 125)
        assert len(first.requests) > 1
        assert len(second.requests) == 1
        event_id = first.bodies[0]["data"]["eventId"]

    with run_with_receivers(cache_url=cache_url) as (server, (first, second)):
        wait(server, 250)
        assert [each["data"]["eventId"] for each in first.bodies] == [event_id]
        assert second.requests == []
