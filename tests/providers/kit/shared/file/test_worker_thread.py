"""The thread that uses the file."""

import threading

import pytest

from providers.kit.shared.file.worker_thread import WorkerThread


def test_functions_run_one_after_the_other_in_one_thread() -> None:
    worker, order = WorkerThread("test"), list[int]()

    def run(number: int) -> int:
        order.append(number)
        return threading.get_ident()

    names = [worker.submit(run, number) for number in range(50)]

    assert len({name.result(5) for name in names}) == 1
    assert order == list(range(50))
    worker.shutdown()


def test_an_error_is_given_to_its_caller_and_the_next_function_runs() -> None:
    worker = WorkerThread("test")

    failing, working = worker.submit(lambda: 1 // 0), worker.submit(lambda: "done")

    with pytest.raises(ZeroDivisionError):
        failing.result(5)
    assert working.result(5) == "done"
    worker.shutdown()


def test_a_cancelled_function_does_not_run() -> None:
    worker, gate, ran = WorkerThread("test"), threading.Event(), list[str]()
    first = worker.submit(gate.wait)
    second = worker.submit(lambda: ran.append("second"))

    assert second.cancel()
    gate.set()
    worker.submit(lambda: None).result(5)

    assert first.result(5)
    assert ran == []
    worker.shutdown()


def test_the_thread_ends_after_the_functions_that_it_has() -> None:
    worker = WorkerThread("thread that ends")
    last = worker.submit(threading.current_thread)

    worker.shutdown()
    thread = last.result(5)
    thread.join(5)

    assert thread.daemon
    assert not thread.is_alive()
