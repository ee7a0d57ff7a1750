"""The thread that uses the file."""

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest

from providers.kit.shared.file.worker_thread import WorkerThread


def run_with_worker(scenario: Callable[[WorkerThread], Awaitable[None]]) -> None:
    """Run a scenario with a thread."""

    async def run() -> None:
        worker = WorkerThread("test")
        await scenario(worker)
        worker.shutdown()

    asyncio.run(run())


def test_functions_run_one_after_the_other_in_one_thread() -> None:
    async def scenario(worker: WorkerThread) -> None:
        order = list[int]()

        def run(number: int) -> int:
            order.append(number)
            return threading.get_ident()

        names = [worker.run(lambda number=number: run(number)) for number in range(50)]

        assert len({await name for name in names}) == 1
        assert order == list(range(50))

    run_with_worker(scenario)


def test_an_error_is_given_to_its_caller_and_the_next_function_runs() -> None:
    async def scenario(worker: WorkerThread) -> None:
        failing, working = worker.run(lambda: 1 // 0), worker.run(lambda: "done")

        with pytest.raises(ZeroDivisionError):
            await failing
        assert await working == "done"

    run_with_worker(scenario)


def test_a_cancelled_function_does_not_run() -> None:
    async def scenario(worker: WorkerThread) -> None:
        gate, ran = threading.Event(), list[str]()
        first = worker.run(gate.wait)
        second = worker.run(lambda: ran.append("second"))

        assert second.cancel()
        gate.set()
        await worker.run(lambda: None)

        assert await first
        assert ran == []

    run_with_worker(scenario)


def test_it_is_idle_when_every_function_has_ended() -> None:
    async def scenario(worker: WorkerThread) -> None:
        gate = threading.Event()
        assert worker.is_idle

        first = worker.run(gate.wait)
        assert not worker.is_idle
        gate.set()
        await first
        assert worker.is_idle

    run_with_worker(scenario)


def test_a_function_may_end_after_the_event_loop() -> None:
    worker, gate = WorkerThread("test"), threading.Event()

    async def begin() -> None:
        worker.run(gate.wait)

    async def ask() -> str:
        return await worker.run(lambda: "still there")

    asyncio.run(begin())
    gate.set()

    assert asyncio.run(ask()) == "still there"
    worker.shutdown()


def test_the_thread_ends_after_the_functions_that_it_has() -> None:
    async def scenario(worker: WorkerThread) -> None:
        last = worker.run(threading.current_thread)

        worker.shutdown()
        thread = await last
        thread.join(5)

        assert thread.daemon
        assert not thread.is_alive()

    run_with_worker(scenario)
