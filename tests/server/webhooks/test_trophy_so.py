"""The webhook of Trophy.so: who may call it, and what follows from an event."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from providers.registry import Source
from providers.trophy_so.webhooks import is_signed
from server.observability.redaction import collect_secrets
from server.settings import read_settings
from tests.harness import TROPHY_VEGA, RunningServer, operator_settings, run_server
from tests.resolvers.live.subscriber import subscribe, wait

SECRET = "example-secret"
PATH = "/webhooks/trophy-so"
SHARED_SONG = "0000000c-ac41-4000-8000-00000000000c"
WELCOME = "0000000b-ac41-4000-8000-00000000000b"
PUBLISHED_BODY = (
    b'{"type":"achievement.completed","user":{"id":"ada"},"achievement":'
    b'{"id":"00000000-0000-4000-8000-000000000001","achievedAt":"2026-05-04T03:02:01Z"}}'
)
PUBLISHED_SIGNATURE = "k4cpI4jIEx0mKToi/+JZqdIcAyidIKUe9U7oyUYbbsA="
EARNED = """query ($handle: String!) {
  user(accounts: [{source: TROPHY_SO, handle: $handle}]) { totals { earned } }
}"""


def sign(body: bytes, secret: str = SECRET) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def build_event(**changes: Any) -> dict[str, Any]:
    moment = datetime.now(UTC).isoformat()
    return {
        "type": "achievement.completed",
        "user": {"id": "vega", "email": "vega@mail.example"},
        "achievement": {"id": SHARED_SONG, "name": "For all to hear", "achievedAt": moment},
        **changes,
    }


def send(
    server: RunningServer, content: Any, signature: str | None = None, **headers: str
) -> httpx.Response:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    sent = {"X-Trophy-Signature": sign(body) if signature is None else signature, **headers}
    return server.request("POST", PATH, content=body, headers=sent)


def count_earned(server: RunningServer, handle: str = "vega") -> int:
    data = server.fetch_data(EARNED, {"handle": handle})
    return data["user"]["totals"][0]["earned"]


def read_outcomes(server: RunningServer) -> dict[str, float]:
    lines = server.request("GET", "/metrics").text.splitlines()
    counts = [line for line in lines if line.startswith("trophycase_webhooks_received_total")]
    return {line.split('outcome="')[1].split('"')[0]: float(line.split()[-1]) for line in counts}


def test_the_published_signature_is_right_for_its_body_alone() -> None:
    assert is_signed(SECRET, PUBLISHED_BODY, PUBLISHED_SIGNATURE)
    assert not is_signed(SECRET, PUBLISHED_BODY + b"\n", PUBLISHED_SIGNATURE)
    assert not is_signed("other-secret", PUBLISHED_BODY, PUBLISHED_SIGNATURE)
    assert not is_signed(SECRET, PUBLISHED_BODY, "")
    assert not is_signed(SECRET, PUBLISHED_BODY, "\udcff\u20ac")


def test_without_a_secret_there_is_no_webhook(server: RunningServer) -> None:
    assert send(server, build_event()).status_code == 404
    assert server.request("GET", PATH).status_code == 404


def test_a_signed_event_is_accepted_and_the_next_response_is_fresh() -> None:
    with run_server(TROPHY_SO_WEBHOOK_SECRET=SECRET) as server:
        before = count_earned(server)
        server.unlock(source="TROPHY_SO", achievement=SHARED_SONG)
        assert count_earned(server) == before

        response = send(server, build_event())

        assert (response.status_code, response.content) == (204, b"")
        assert count_earned(server) == before + 1
        assert read_outcomes(server) == {"accepted": 1}


@pytest.mark.parametrize("signature", ["", "x", sign(b"other"), sign(b"{}", "other"), "\xff"])
def test_a_request_without_the_right_signature_changes_nothing(signature: str) -> None:
    with run_server(TROPHY_SO_WEBHOOK_SECRET=SECRET) as server:
        before = count_earned(server)
        server.unlock(source="TROPHY_SO", achievement=SHARED_SONG)

        body = json.dumps(build_event()).encode()
        headers = [(b"X-Trophy-Signature", signature.encode("latin-1"))]
        response = server.request("POST", PATH, content=body, headers=headers)

        assert response.status_code == 401
        assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert count_earned(server) == before
        assert read_outcomes(server) == {"rejected": 1}


def test_a_request_without_a_signature_is_rejected() -> None:
    with run_server(TROPHY_SO_WEBHOOK_SECRET=SECRET) as server:
        response = server.request("POST", PATH, json=build_event())

        assert response.status_code == 401
        assert server.request("GET", PATH).status_code == 405


def test_a_repeated_delivery_is_recognised() -> None:
    with run_server(TROPHY_SO_WEBHOOK_SECRET=SECRET) as server:
        event = build_event()
        assert [send(server, event).status_code for _ in range(3)] == [204, 204, 204]

        assert read_outcomes(server) == {"accepted": 1, "repeated": 2}


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b"", "unreadable"),
        (b"{", "unreadable"),
        (b"\xff", "unreadable"),
        (b"[]", "unreadable"),
        (b"[" * 100_000, "unreadable"),
        (build_event(user=None), "unreadable"),
        (build_event(user={"id": 7}), "unreadable"),
        (build_event(user={"id": ".."}), "unreadable"),
        (build_event(achievement=[]), "unreadable"),
        (build_event(achievement={"id": "x" * 256}), "unreadable"),
        (build_event(type=None), "unreadable"),
        (build_event(type="points.changed"), "ignored"),
        (build_event(type="something.new", user=7), "ignored"),
        (build_event(type="streak.extended"), "accepted"),
        (build_event(achievement={"id": SHARED_SONG}), "accepted"),
        (build_event(achievement={"id": SHARED_SONG, "achievedAt": 5}), "accepted"),
    ],
)
def test_the_sender_never_repeats_what_is_signed(body: Any, outcome: str) -> None:
    with run_server(TROPHY_SO_WEBHOOK_SECRET=SECRET) as server:
        assert send(server, body).status_code == 204
        assert read_outcomes(server) == {outcome: 1}


@pytest.mark.parametrize(
    ("age", "outcome"),
    [
        (timedelta(hours=23), "accepted"),
        (timedelta(hours=25), "outdated"),
        (timedelta(minutes=-30), "accepted"),
        (timedelta(hours=-2), "outdated"),
    ],
)
def test_a_recorded_request_is_of_no_use_after_a_day(age: timedelta, outcome: str) -> None:
    moment = (datetime.now(UTC) - age).isoformat()
    with run_server(TROPHY_SO_WEBHOOK_SECRET=SECRET) as server:
        event = build_event(achievement={"id": SHARED_SONG, "achievedAt": moment})
        assert send(server, event).status_code == 204
        assert read_outcomes(server) == {outcome: 1}


def test_a_body_that_is_too_large_is_rejected() -> None:
    with run_server(TROPHY_SO_WEBHOOK_SECRET=SECRET) as server:
        response = send(server, b'{"a":"' + b"a" * 256 * 1024 + b'"}')

        assert response.status_code == 413
        assert "256 KiB" in response.json()["errors"][0]["message"]


def test_events_of_other_users_count_for_a_key_that_reads_all_of_them() -> None:
    with run_server(TROPHY_SO_WEBHOOK_SECRET=SECRET) as server:
        before = count_earned(server, "team/blue")
        server.unlock(source="TROPHY_SO", account="team/blue", achievement=SHARED_SONG)

        assert send(server, build_event(user={"id": "team/blue"})).status_code == 204
        assert count_earned(server, "team/blue") == before + 1


def test_a_key_that_is_bound_to_a_user_gets_events_of_that_user_alone() -> None:
    with run_server(
        sandbox=False,
        TROPHY_SO_API_KEY="app_sandbox.second",
        TROPHY_SO_USER_ID="second user",
        TROPHY_SO_WEBHOOK_SECRET=SECRET,
    ) as server:
        assert send(server, build_event()).status_code == 204
        assert send(server, build_event(user={"id": "second user"})).status_code == 204
        assert read_outcomes(server) == {"ignored": 1, "accepted": 1}


def test_without_a_key_of_trophy_so_an_event_is_ignored() -> None:
    with run_server(sandbox=False, TROPHY_SO_WEBHOOK_SECRET=SECRET) as server:
        assert send(server, build_event()).status_code == 204
        assert read_outcomes(server) == {"ignored": 1}


def test_the_signature_is_all_that_is_needed_behind_any_proxy_and_host() -> None:
    with run_server(TROPHY_SO_WEBHOOK_SECRET=SECRET) as server:
        response = send(
            server, build_event(), Host="cases.example", **{"X-Forwarded-For": "198.51.100.7"}
        )
        assert response.status_code == 204
    keys = "r:key-of-the-reader:read"
    with run_server(TROPHY_SO_WEBHOOK_SECRET=SECRET, TROPHYCASE_API_KEYS=keys) as server:
        assert send(server, build_event()).status_code == 204


def test_the_secret_is_redacted_and_is_in_no_representation() -> None:
    environ = {**operator_settings(Source.TROPHY_SO), "TROPHY_SO_WEBHOOK_SECRET": SECRET}
    settings = read_settings(environ, sandbox=False)

    assert SECRET in collect_secrets(settings)
    assert SECRET not in repr(settings)


def test_an_event_reaches_those_who_listen_at_once_and_once() -> None:
    with run_server(TROPHY_SO_WEBHOOK_SECRET=SECRET) as server:
        subscriber = subscribe(server, TROPHY_VEGA)
        wait(server, 5)
        server.unlock(source="TROPHY_SO", achievement=SHARED_SONG)
        event = build_event()
        send(server, event)
        send(server, event)
        wait(server, 1)

        (received,) = subscriber.events
        assert received["detectedBy"] == "WEBHOOK"
        assert received["achievement"]["nativeId"] == SHARED_SONG
        assert received["achievement"]["earned"] is True
        wait(server, 3600)  # the polls find the same unlock
        assert len(subscriber.events) == 1


def test_an_event_that_is_ahead_of_its_source_shows_the_achievement_as_earned() -> None:
    with run_server(TROPHY_SO_WEBHOOK_SECRET=SECRET) as server:
        subscriber = subscribe(server, TROPHY_VEGA)
        wait(server, 5)
        event = build_event()
        send(server, event)
        wait(server, 1)

        achievement = subscriber.events[0]["achievement"]
        assert achievement["name"] == "For all to hear"
        assert achievement["earned"] is True
        earned_at = datetime.fromisoformat(achievement["earnedAt"])
        sent_at = datetime.fromisoformat(event["achievement"]["achievedAt"])
        assert abs(earned_at - sent_at) < timedelta(seconds=1)


def test_an_event_while_nobody_listens_is_replayed() -> None:
    with run_server(TROPHY_SO_WEBHOOK_SECRET=SECRET) as server:
        first = subscribe(server, TROPHY_VEGA)
        wait(server, 5)
        send(server, build_event(achievement={"id": WELCOME}))
        wait(server, 1)
        cursor = first.events[0]["cursor"]
        first.close()
        send(server, build_event())

        later = subscribe(server, TROPHY_VEGA, after=cursor)
        wait(server, 1)
        assert later.unlocked_ids == [SHARED_SONG]


def test_an_event_of_another_user_reaches_those_who_listen_to_that_user() -> None:
    with run_server(TROPHY_SO_WEBHOOK_SECRET=SECRET) as server:
        other = subscribe(server, [{"source": "TROPHY_SO", "handle": "team/blue"}])
        own = subscribe(server, TROPHY_VEGA)
        wait(server, 5)
        send(server, build_event(user={"id": "team/blue"}))
        wait(server, 1)

        assert (other.unlocked_ids, own.unlocked_ids) == ([SHARED_SONG], [])


def test_where_nothing_is_live_the_next_response_is_fresh_all_the_same() -> None:
    with run_server(TROPHY_SO_WEBHOOK_SECRET=SECRET, TROPHYCASE_LIVE="off") as server:
        before = count_earned(server)
        server.unlock(source="TROPHY_SO", achievement=SHARED_SONG)
        assert send(server, build_event()).status_code == 204
        assert count_earned(server) == before + 1


@pytest.mark.slow
def test_a_repeated_delivery_is_recognised_after_a_restart(tmp_path: Path) -> None:
    event = build_event()
    for outcome in ("accepted", "repeated"):
        with run_server(
            TROPHY_SO_WEBHOOK_SECRET=SECRET,
            TROPHYCASE_CACHE_URL=f"sqlite:///{tmp_path / 'cache.db'}",
            TROPHYCASE_CACHE_SECRET=base64.b64encode(bytes(32)).decode(),
        ) as server:
            assert send(server, event).status_code == 204
            assert read_outcomes(server) == {outcome: 1}
