"""What waits for an address, as the records keep it."""

from collections.abc import Awaitable, Callable

from providers.kit.shared.durable_records import DurableRecords
from server.webhooks.queue import MESSAGES, STATES, DeliveryState, MessageQueue
from tests.server.webhooks.messages import build_message
from tests.virtual_time import run_on_virtual_time


def use_queue(scenario: Callable[[MessageQueue], Awaitable[None]]) -> None:
    async def run() -> None:
        await scenario(MessageQueue(DurableRecords(), "webhook"))

    run_on_virtual_time(run())


def test_messages_are_read_as_they_were_put() -> None:
    async def scenario(queue: MessageQueue) -> None:
        messages = [build_message("1"), build_message("2", name=None)]
        for message in messages:
            await queue.put(message, 1000.5)
        first, second = await queue.read_after(0)

        assert [first.message, second.message] == messages
        assert first.queued_at == 1000.5
        assert list(await queue.read_after(first.position)) == [second]
        assert await queue.has("1")
        assert not await queue.has("3")

    use_queue(scenario)


def test_each_address_has_its_own() -> None:
    async def scenario(queue: MessageQueue) -> None:
        other = MessageQueue(queue.records, "other")
        await queue.put(build_message("1"), 0)
        await queue.save_state(DeliveryState(failures=3))

        assert list(await other.read_after(0)) == []
        assert await other.load_state() == DeliveryState()
        assert not await other.has("1")

    use_queue(scenario)


def test_what_another_version_has_written_is_left_out() -> None:
    async def scenario(queue: MessageQueue) -> None:
        await queue.records.append(MESSAGES, "webhook", b"\xc1")
        await queue.records.set(STATES, "webhook", "", b"\xc1")
        await queue.put(build_message("1"), 0)

        assert [each.message.event_id for each in await queue.read_after(0)] == ["1"]
        assert await queue.load_state() == DeliveryState()

    use_queue(scenario)
