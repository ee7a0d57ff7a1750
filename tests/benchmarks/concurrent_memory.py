"""Memory of the server while it answers large operations at once, and how long others wait.

    python -m tests.benchmarks.concurrent_memory [OPERATIONS ...]    # by default 1, 12 and 48

Each operation requests 25 different timelines of 100 entries, all of which are in memory. While
they run, a small request is sent again and again: its longest time is what other callers notice.
Operations that the server rejects because it has too many are counted, and not sent again.
"""

import random
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from tests.benchmarks.speed.http_client import HEADERS, OK, connect, post_all
from tests.benchmarks.speed.servers import OURS, Fleet, start_fleet
from tests.benchmarks.speed.workload import (
    PAGE_SIZE,
    TIMELINE_FIELDS,
    Request,
    request_user_id,
    select_account,
)

OPERATIONS = (1, 12, 48)
TIMELINES = 25
MEGABYTE = 1_000_000
MILLISECONDS = 1000
PAUSE_SECONDS = 0.005  # between two small requests
SETTLE_SECONDS = 0.2  # the small requests before and after the large ones


def build_operation(number: int) -> Request:
    """Request so many timelines, in an order of its own, so that no stored response answers it."""
    copies = random.Random(number).sample(range(TIMELINES), TIMELINES)  # noqa: S311 - no secret
    variables = {
        f"a{place}": [select_account("timeline", copy)] for place, copy in enumerate(copies)
    }
    declared = ", ".join(f"${name}: [AccountInput!]!" for name in variables)
    timelines = " ".join(
        f"{name}: user(accounts: ${name}) {{ achievements(first: {PAGE_SIZE}) "
        f"{{ edges {{ node {{ {TIMELINE_FIELDS} }} }} }} }}"
        for name in variables
    )
    return Request(f"query ({declared}) {{ {timelines} }}", variables)


def send(url: str, body: bytes) -> tuple[int, int]:
    """Return the status of a response and its bytes."""
    connection = connect(url)
    connection.request("POST", "/graphql", body, HEADERS)
    response = connection.getresponse()
    size = len(response.read())
    connection.close()
    return response.status, size


@contextmanager
def measure_waiting(url: str) -> Generator[list[float]]:
    """Send small requests until the end of the block; the list gets the seconds of each."""
    waited: list[float] = []
    stopped = threading.Event()
    body = request_user_id().encode()

    def run() -> None:
        while not stopped.wait(PAUSE_SECONDS):
            started = time.perf_counter()
            post_all(url, "/graphql", [body])
            waited.append(time.perf_counter() - started)

    thread = threading.Thread(target=run)
    thread.start()
    time.sleep(SETTLE_SECONDS)
    try:
        yield waited
        time.sleep(SETTLE_SECONDS)
    finally:
        stopped.set()
        thread.join()


def measure_operations(fleet: Fleet, operations: int) -> str:
    """Send so many operations at once to a server of its own, and return the table's row."""
    first, *bodies = (build_operation(number).encode() for number in range(operations + 1))
    with fleet.create_program(OURS) as server:
        send(server.url, first)
        status, body_bytes = send(server.url, first)
        assert status == OK, f"rejected alone: {status}"
        idle = server.read_memory()
        server.reset_peak_memory()
        with measure_waiting(server.url) as waited, ThreadPoolExecutor(operations) as threads:
            found = list(threads.map(send, [server.url] * operations, bodies))
        peak = server.read_peak_memory()
    answers = Counter(status for status, _ in found)
    assert all(size == body_bytes for status, size in found if status == OK), "another answer"
    over = peak - idle
    cells = (
        operations,
        answers[OK],
        operations - answers[OK],
        f"{body_bytes / MEGABYTE:.2f}",
        f"{idle / MEGABYTE:.0f}",
        f"{peak / MEGABYTE:.0f}",
        f"{over / body_bytes / max(1, answers[OK]):.1f}",
        f"{statistics.median(waited) * MILLISECONDS:.1f}",
        f"{max(waited) * MILLISECONDS:.0f}",
    )
    return f"| {' | '.join(map(str, cells))} |\n"


HEADER = (
    "| operations | answered | rejected | MB of a body | MB idle | MB at the peak "
    "| over idle, in answered bodies | others wait: median ms | longest ms |\n"
    "| --: | --: | --: | --: | --: | --: | --: | --: | --: |\n"
)


def main(arguments: list[str]) -> None:
    """Print a row for each number of operations."""
    sys.stdout.write(HEADER)
    with start_fleet() as fleet:
        for operations in [int(each) for each in arguments] or OPERATIONS:
            sys.stdout.write(measure_operations(fleet, operations))
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
