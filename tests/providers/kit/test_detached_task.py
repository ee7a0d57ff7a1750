"""Detached tasks: they outlive the requests that wait for them."""

import asyncio
import time

import pytest

from providers.kit.detached_task import copy_outcome, start_detached, wait_until_deadline
from providers.kit.request_context import RequestContext, set_current


async def wait_for(event: asyncio.Event) -> str:
    await event.wait()
    return "done"


async def fail() -> None:
    raise RuntimeError("nobody waits")


def test_a_task_goes_on_after_the_deadline_of_its_request() -> None:
    async def scenario() -> None:
        event = asyncio.Event()
        task = start_detached(wait_for(event))
        set_current(RequestContext(deadline=time.monotonic()))
        assert not await wait_until_deadline(task)
        event.set()
        set_current(RequestContext(deadline=time.monotonic() + 30))
        assert await wait_until_deadline(task)
        assert task.result() == "done"

    asyncio.run(scenario())


def test_a_share_of_the_time_may_be_waited() -> None:
    async def scenario() -> None:
        task = start_detached(wait_for(asyncio.Event()))
        set_current(RequestContext(deadline=time.monotonic() + 30))
        began = time.monotonic()
        assert not await wait_until_deadline(task, share=0.001)
        assert time.monotonic() - began < 30
        task.cancel()

    asyncio.run(scenario())


def test_cancelling_a_waiter_does_not_cancel_the_task() -> None:
    async def scenario() -> None:
        event = asyncio.Event()
        task = start_detached(wait_for(event))
        waiter = asyncio.create_task(wait_until_deadline(task))
        await asyncio.sleep(0)
        waiter.cancel()
        event.set()
        assert await task == "done"

    asyncio.run(scenario())


def test_a_failure_that_is_not_waited_for_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        start_detached(fail())
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(scenario())

    assert caplog.records == []


def test_a_future_ends_as_a_task_has_ended_unless_it_has_ended_before() -> None:
    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        done, failed = loop.create_task(asyncio.sleep(0, "done")), loop.create_task(fail())
        cancelled = loop.create_task(wait_for(asyncio.Event()))
        cancelled.cancel()
        await asyncio.wait([done, failed, cancelled])
        first, second, third, ended = (loop.create_future() for _ in range(4))
        ended.set_result("before")
        for task, future in ((done, first), (failed, second), (cancelled, third), (done, ended)):
            copy_outcome(task, future)
        assert (first.result(), ended.result()) == ("done", "before")
        assert second.exception() is failed.exception()
        assert third.cancelled()

    asyncio.run(scenario())
