"""Deliveries to one address: order, repetition, and what a receiver answers."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from providers.kit.shared.durable_records import DurableRecords
from providers.kit.shared.shared_store import SharedStore
from server.webhooks.deliverer import SCHEDULE, Deliverer, WallClock
from server.webhooks.queue import MessageQueue
from server.webhooks.webhook import Webhook
from tests.providers.kit.simulated_processes import open_stores, run_scenario, wait_until
from tests.server.webhooks.messages import SECRET, build_message, build_webhook
from tests.server.webhooks.receiver import HANG, Receiver
from tests.virtual_time import run_on_virtual_time

DAY = 86_400
START = 1_800_000_000


class Delivery:
    """A deliverer, its receiver, and what is kept over a restart."""

    def __init__(self, webhook: Webhook | None = None, store: SharedStore | None = None) -> None:
        self.webhook = webhook or build_webhook()
        self.receiver = Receiver()
        self.outcomes: list[str] = []
        self.store = store or SharedStore()
        self.records = DurableRecords(self.store)
        self.clock = WallClock()
        self.deliverer = self.create_deliverer()

    def create_deliverer(self) -> Deliverer:
        return Deliverer(
            self.webhook,
            MessageQueue(self.records, self.webhook.id),
            self.receiver.create_sender(),
            self.store,
            self.outcomes.append,
            self.clock,
        )

    async def put(self, *event_ids: str) -> None:
        for event_id in event_ids:
            await self.deliverer.queue.put(build_message(event_id), self.clock())
        self.deliverer.wake()

    async def restart(self) -> None:
        await self.deliverer.aclose()
        self.deliverer = self.create_deliverer()
        self.deliverer.start()

    @property
    def event_ids(self) -> list[str]:
        """The ids of the events that were sent, in order."""
        return [each.headers["webhook-id"] for each in self.receiver.requests]


def deliver(
    scenario: Callable[[Delivery], Awaitable[None]], webhook: Webhook | None = None
) -> Delivery:
    """Run a scenario with a started deliverer, on virtual time."""

    async def run() -> Delivery:
        delivery = Delivery(webhook)
        delivery.deliverer.start()
        await scenario(delivery)
        await delivery.deliverer.aclose()
        return delivery

    return run_on_virtual_time(run())


def test_messages_arrive_in_order_and_signed() -> None:
    async def scenario(delivery: Delivery) -> None:
        await delivery.put("1", "2")
        await asyncio.sleep(1)
        await delivery.put("3")
        await asyncio.sleep(1)

    delivery = deliver(scenario)

    assert delivery.event_ids == ["1", "2", "3"]
    assert all(each.is_signed_with(SECRET) for each in delivery.receiver.requests)
    assert [each["data"]["eventId"] for each in delivery.receiver.bodies] == ["1", "2", "3"]
    assert delivery.outcomes == ["delivered"] * 3


@pytest.mark.slow
def test_a_failing_address_is_tried_by_the_published_schedule_and_order_is_kept() -> None:
    times: list[float] = []

    async def scenario(delivery: Delivery) -> None:
        delivery.receiver.status = 500
        start = delivery.clock()
        await delivery.put("1")
        for wait in SCHEDULE:
            await asyncio.sleep(0.5)
            times.append(delivery.clock() - start)
            await delivery.put(f"after {wait}")
            await asyncio.sleep(wait - 1)
            assert len(delivery.receiver.requests) == len(times)
            if len(times) == len(SCHEDULE):
                delivery.receiver.status = 200
            await asyncio.sleep(0.5)
        await asyncio.sleep(1)

    delivery = deliver(scenario)

    assert delivery.event_ids[: len(SCHEDULE)] == ["1"] * len(SCHEDULE)
    assert delivery.event_ids[len(SCHEDULE) :] == ["1", *(f"after {wait}" for wait in SCHEDULE)]


def test_a_repeated_message_has_the_same_id_and_the_time_of_its_attempt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = WallClock()
    monkeypatch.setattr(time, "time", lambda: START + clock() - started_at)
    started_at = clock()

    async def scenario(delivery: Delivery) -> None:
        delivery.receiver.answers.extend([503, 503])
        await delivery.put("1")
        await asyncio.sleep(60)

    delivery = deliver(scenario)

    assert delivery.event_ids == ["1", "1", "1"]
    times = [int(each.headers["webhook-timestamp"]) for each in delivery.receiver.requests]
    assert times == pytest.approx([START, START + 5, START + 35], abs=1)
    assert all(each.is_signed_with(SECRET) for each in delivery.receiver.requests)
    assert delivery.outcomes == ["failed", "failed", "delivered"]


@pytest.mark.parametrize("status", [301, 307, 401, 404, 408, 429, 500, 503])
def test_anything_but_success_is_tried_again(status: int) -> None:
    async def scenario(delivery: Delivery) -> None:
        delivery.receiver.answers.append(status)
        await delivery.put("1")
        await asyncio.sleep(10)

    assert deliver(scenario).outcomes == ["failed", "delivered"]


def test_a_receiver_that_hangs_is_given_ten_seconds() -> None:
    async def scenario(delivery: Delivery) -> None:
        delivery.receiver.answers.append(HANG)
        await delivery.put("1")
        await asyncio.sleep(14)
        assert len(delivery.receiver.requests) == 1
        await asyncio.sleep(2)

    assert deliver(scenario).outcomes == ["failed", "delivered"]


def test_the_wait_that_a_receiver_asks_for_is_kept() -> None:
    async def scenario(delivery: Delivery) -> None:
        delivery.receiver.answers.append(429)
        delivery.receiver.headers["Retry-After"] = "900"
        await delivery.put("1")
        await asyncio.sleep(899)
        assert len(delivery.receiver.requests) == 1
        await asyncio.sleep(2)

    assert deliver(scenario).outcomes == ["failed", "delivered"]


@pytest.mark.parametrize("text", ["-1", "soon", "Wed, 21 Oct 2099 07:28:00 GMT", "9" * 400, "1e9"])
def test_an_odd_wait_changes_nothing_for_longer_than_an_hour(text: str) -> None:
    async def scenario(delivery: Delivery) -> None:
        delivery.receiver.answers.append(429)
        delivery.receiver.headers["Retry-After"] = text
        await delivery.put("1")
        await asyncio.sleep(3601)

    assert deliver(scenario).outcomes == ["failed", "delivered"]


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_refused_message_does_not_hold_up_the_next(status: int) -> None:
    async def scenario(delivery: Delivery) -> None:
        delivery.receiver.answers.append(status)
        await delivery.put("1", "2")
        await asyncio.sleep(1)

    delivery = deliver(scenario)

    assert delivery.event_ids == ["1", "2"]
    assert delivery.outcomes == ["refused", "delivered"]


@pytest.mark.slow
def test_an_address_that_is_gone_gets_nothing_any_more_also_after_a_restart() -> None:
    async def scenario(delivery: Delivery) -> None:
        delivery.receiver.answers.append(410)
        await delivery.put("1", "2")
        await asyncio.sleep(DAY / 2)
        await delivery.restart()
        await delivery.put("3")
        await asyncio.sleep(DAY / 4)

    delivery = deliver(scenario)

    assert delivery.event_ids == ["1"]
    assert delivery.outcomes == ["disabled"]


@pytest.mark.slow
def test_a_message_is_given_up_after_a_day_and_the_next_is_delivered() -> None:
    async def scenario(delivery: Delivery) -> None:
        delivery.receiver.status = 500
        await delivery.put("1")
        await asyncio.sleep(DAY - 3600)
        await delivery.put("2")
        await asyncio.sleep(5 * 3600)
        delivery.receiver.status = 200
        await asyncio.sleep(5 * 3600)

    delivery = deliver(scenario)

    assert delivery.outcomes.count("given_up") == 1
    assert delivery.outcomes[-1] == "delivered"
    assert delivery.event_ids[-1] == "2"
    # The failures of one address count together: the second message did not start anew.
    assert len(delivery.event_ids) <= len(SCHEDULE) + 8


def test_what_waits_is_delivered_after_a_restart_at_the_time_that_was_set() -> None:
    async def scenario(delivery: Delivery) -> None:
        delivery.receiver.answers.extend([500, 500, 500])
        await delivery.put("1", "2")
        await asyncio.sleep(40)
        assert len(delivery.receiver.requests) == 3
        await delivery.restart()
        await asyncio.sleep(100)
        assert len(delivery.receiver.requests) == 3
        await asyncio.sleep(20)

    assert deliver(scenario).event_ids == ["1", "1", "1", "1", "2"]


@pytest.mark.slow
def test_a_request_that_is_running_when_the_server_stops_may_end() -> None:
    async def scenario(delivery: Delivery) -> None:
        await delivery.put("1")
        await asyncio.sleep(0)
        await delivery.restart()
        await asyncio.sleep(DAY / 4)

    assert deliver(scenario).event_ids == ["1"]


@pytest.mark.slow
def test_the_queue_is_bounded_and_the_oldest_are_dropped() -> None:
    async def scenario(delivery: Delivery) -> None:
        delivery.receiver.answers.append(500)
        await delivery.put("first")
        await asyncio.sleep(1)
        await delivery.put(*(str(number) for number in range(1100)))
        await asyncio.sleep(10)

    delivery = deliver(scenario)

    assert delivery.event_ids[:2] == ["first", "100"]
    assert len(delivery.event_ids) == 1001


def test_presets_are_sent_without_a_signature_unless_there_is_a_secret() -> None:
    async def scenario(delivery: Delivery) -> None:
        await delivery.put("1")
        await asyncio.sleep(1)

    plain = deliver(scenario, build_webhook("https://d.example/x", "discord")).receiver.requests[0]
    assert "webhook-signature" not in plain.headers
    signed = deliver(scenario, build_webhook("https://d.example/x", f"discord|{SECRET}"))
    assert signed.receiver.requests[0].is_signed_with(SECRET)
    token = deliver(scenario, build_webhook("https://n.example/t", "ntfy|tk_token"))
    assert token.receiver.requests[0].headers["authorization"] == "Bearer tk_token"
    assert token.receiver.requests[0].url == "https://n.example/"


def test_the_log_names_the_webhook_and_neither_address_nor_secret(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scenario(delivery: Delivery) -> None:
        delivery.receiver.answers.extend([500, HANG, 400, 410])
        await delivery.put("1", "2")
        await asyncio.sleep(600)

    with caplog.at_level(logging.DEBUG):
        deliver(scenario, build_webhook("https://secret-host.example/secret-path"))

    assert "webhook alerts: status 500; again in 5 s" in caplog.messages
    assert "webhook alerts: timeout; again in 30 s" in caplog.messages
    assert "secret" not in caplog.text.replace("secrets", "")
    assert SECRET not in caplog.text


@pytest.mark.slow
def test_of_several_processes_one_delivers_a_message_and_another_goes_on(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with open_stores(f"sqlite:///{tmp_path / 'store.db'}", 3) as stores:
            deliveries = [Delivery(store=store) for store in stores]
            for each in deliveries:
                each.deliverer.start()
            for number in range(10):
                await deliveries[number % 3].put(str(number))
                for each in deliveries:
                    each.deliverer.wake()
            sent: Callable[[], list[str]] = lambda: [  # noqa: E731 - reads as a value
                event_id for each in deliveries for event_id in each.event_ids
            ]
            await wait_until(lambda: len(sent()) == 10)
            await deliveries[0].deliverer.aclose()
            await deliveries[1].put("last")
            await wait_until(lambda: len(sent()) == 11)
            assert sorted(sent()) == sorted([*(str(number) for number in range(10)), "last"])
            for each in deliveries[1:]:
                await each.deliverer.aclose()

    run_scenario(scenario, 60)


def test_a_bug_ends_no_deliveries() -> None:
    async def scenario(delivery: Delivery) -> None:
        sender, broken = delivery.deliverer.sender, Receiver().create_sender()
        object.__setattr__(broken, "transport", _raise_unexpected)
        delivery.deliverer.sender = broken
        await delivery.put("1")
        await asyncio.sleep(1)
        delivery.deliverer.sender = sender
        await asyncio.sleep(61)

    assert deliver(scenario).event_ids == ["1"]


def _raise_unexpected() -> Any:
    raise RuntimeError("unexpected")
