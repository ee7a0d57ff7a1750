"""Members that are completed at the same time end together."""

import asyncio

import pytest

from schema.members import complete_members


async def fail_after(event: asyncio.Event) -> None:
    await event.wait()
    raise ValueError("failed")


async def note_cancellation(cancelled: list[str], name: str) -> None:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        cancelled.append(name)
        raise


def test_the_first_error_cancels_the_other_members() -> None:
    cancelled: list[str] = []

    async def run() -> None:
        event = asyncio.Event()
        event.set()
        await complete_members([note_cancellation(cancelled, "other"), fail_after(event)])

    with pytest.raises(ValueError, match="failed"):
        asyncio.run(run())
    assert cancelled == ["other"]


def test_all_members_are_cancelled_with_what_waits_for_them() -> None:
    cancelled: list[str] = []

    async def run() -> bool:
        members = [note_cancellation(cancelled, name) for name in ("one", "two")]
        task = asyncio.ensure_future(complete_members(members))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert asyncio.run(run())
    assert cancelled == ["one", "two"]


def test_a_member_that_is_cancelled_cancels_the_others() -> None:
    cancelled: list[str] = []

    async def cancel() -> None:
        raise asyncio.CancelledError

    async def run() -> bool:
        members = [note_cancellation(cancelled, "other"), cancel()]
        task = asyncio.ensure_future(complete_members(members))
        await asyncio.wait([task])
        return task.cancelled()

    assert asyncio.run(run())
    assert cancelled == ["other"]
