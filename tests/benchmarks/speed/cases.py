"""What is measured: warm and cold requests of all sizes, and the special cases of this server."""

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import count, repeat
from typing import Any

from graphql import parse, validate

from schema.graph import build_schema
from tests.benchmarks.speed.http_client import post_all, post_one
from tests.benchmarks.speed.process import Program
from tests.benchmarks.speed.results import Results
from tests.benchmarks.speed.sampling import Client, Contestant, Effort, LocalWork, measure
from tests.benchmarks.speed.servers import (
    AIOHTTP,
    BEFORE_RESPONSE,
    EXECUTING,
    HTTPX,
    IN_BACKGROUND,
    MERCURIUS,
    OURS,
    OWN,
    PLAIN,
    STRAWBERRY,
    Fleet,
)
from tests.benchmarks.speed.variant_server import LIST_SECONDS
from tests.benchmarks.speed.workload import (
    COMPLETE_FIELDS,
    SIZES,
    TITLE_FIELDS,
    Request,
    build_query,
    encode_persisted_operation,
    request_timeline,
    request_titles,
    request_user_id,
)

LATENCY_SECONDS = 0.04
SETTLE_SECONDS = 0.05  # for what goes on in the background after a response
EXPIRY_SECONDS = LIST_SECONDS + SETTLE_SECONDS
TINY = "tiny"
WARM_SIZES = (TINY, "S", "M", "t10", "t100", "L")
COLD_SIZES = ("S", "M", "t10", "t100")
LATENCY_SIZES = ("S", "M", "t100")
QUICK_SIZES = (TINY, "S", "M")
COLD_SERVERS = (OURS, AIOHTTP, OWN, HTTPX, MERCURIUS, STRAWBERRY)
SHORT_LISTS = (IN_BACKGROUND, BEFORE_RESPONSE)
MEMORY_SERVERS = (OURS, STRAWBERRY, MERCURIUS)
MEMORY_ROUNDS = 3
# What is compared for a document that is seen for the first time.
KNOWN, UNSEEN, PARSED = "known document", "unseen document", "parsing and validation alone"
LIST_QUERY = build_query(TITLE_FIELDS, "List")
# A server that is measured again finds the processor's caches full of another one's work, and its
# first request pays for that: no server's batch is that request alone.
LEAST_COLD_BATCH = 3
LATENCY_BATCHES = {"S": 3, "M": 3, "t100": 1}
LATENCY_ROUNDS = 15  # two rounds differ by more than the servers do
EXPIRY_BATCH = 2
# The copies that a server has not been requested: a cold request is for the next one.
COPIES: dict[tuple[str, str], Iterator[int]] = {}


def build_request(size: str) -> Request:
    return request_user_id() if size == TINY else request_titles(size)


def select_sizes(sizes: Sequence[str], effort: Effort) -> list[str]:
    """Leave out the large sizes if there is little time."""
    return [size for size in sizes if not effort.is_quick or size in QUICK_SIZES]


def check_answers(fleet: Fleet, _results: Results, effort: Effort) -> None:
    """Raise `AssertionError` if an answer differs or took other calls than it needs."""
    for size in select_sizes(WARM_SIZES, effort):
        calls = 0 if size == TINY else SIZES[size].fewest_calls
        expected: Any = None
        for name in fleet.programs:
            answer = request_with_calls(fleet, name, build_request(size), calls)
            expected = expected or answer
            assert answer == expected, f"{name}: another answer for {size}"
            if name not in SHORT_LISTS:
                request_with_calls(fleet, name, build_request(size), 0)


def request_with_calls(fleet: Fleet, name: str, request: Request, calls: int) -> Any:
    """Return the data; raise `AssertionError` if the server makes other calls for it."""
    fleet.read_calls()
    answer = post_one(fleet.programs[name].url, "/graphql", request.encode())
    time.sleep(SETTLE_SECONDS)
    made = fleet.read_calls()
    assert made == calls, f"{name}: {made} calls, expected {calls}"
    return answer["data"]


def measure_warm(fleet: Fleet, results: Results, effort: Effort) -> None:
    """Request what is in memory."""
    for size in select_sizes(WARM_SIZES, effort):
        body = build_request(size).encode()
        contestants = {
            name: Client(program, repeat(body))
            for name, program in fleet.programs.items()
            if name not in SHORT_LISTS
        }
        results.samples[f"warm {size}"] = measure(contestants, effort)


def measure_cold(fleet: Fleet, results: Results, effort: Effort) -> None:
    """Request accounts that no server has seen."""
    for size in select_sizes(COLD_SIZES, effort):
        results.samples[f"cold {size}"] = measure(_select_cold(fleet, size), effort)


def measure_latency(fleet: Fleet, results: Results, effort: Effort) -> None:
    """Request accounts that no server has seen, from an upstream that takes its time."""
    if not effort.is_quick:
        effort = replace(effort, rounds=LATENCY_ROUNDS)
    with _delay(fleet):
        for size in select_sizes(LATENCY_SIZES, effort):
            contestants = _select_cold(fleet, size, LATENCY_BATCHES[size])
            results.samples[f"latency {size}"] = measure(contestants, effort)


def _select_cold(fleet: Fleet, size: str, batch: int | None = None) -> dict[str, Contestant]:
    return {
        name: Client(
            fleet.programs[name],
            request_copies(name, size),
            batch=batch,
            least_batch=LEAST_COLD_BATCH,
        )
        for name in COLD_SERVERS
        if name in fleet.programs
    }


def request_copies(server: str, size: str) -> Iterator[bytes]:
    """Request one account after the other that the server has not seen."""
    copies = COPIES.setdefault((server, size), iter(range(1, SIZES[size].copies)))
    return (request_titles(size, copy).encode() for copy in copies)


@contextmanager
def _delay(fleet: Fleet) -> Generator[None]:
    fleet.set_delay(LATENCY_SECONDS)
    yield
    fleet.set_delay(0)


def measure_revalidation(fleet: Fleet, results: Results, effort: Effort) -> None:
    """Request what is in memory when the list has expired, and once more when it is loaded again.

    The list alone is requested in the same way, for what its call costs.
    """
    other = SIZES["M"].copies  # so that neither request loads the list for the other one
    requests = {
        "complete": request_titles("M"),
        "list": request_titles("M", other - 1, LIST_QUERY),
    }
    time.sleep(EXPIRY_SECONDS)
    for name in SHORT_LISTS:
        request_with_calls(fleet, name, requests["complete"], 1)
    pauses = {OURS: (), **dict.fromkeys(SHORT_LISTS, (SETTLE_SECONDS, EXPIRY_SECONDS))}
    contestants = {
        f"{part}, {name}": Client(
            fleet.programs[name],
            repeat(request.encode()),
            batch=EXPIRY_BATCH if pauses[name] else None,
            pauses=pauses[name] or (0,),
        )
        for name in pauses
        for part, request in requests.items()
    }
    results.samples["revalidation"] = measure(contestants, effort)


def measure_timeline(fleet: Fleet, results: Results, effort: Effort) -> None:
    """Request a page of the timeline that is in memory."""
    request, names = request_timeline(), (OURS, EXECUTING, PLAIN)
    answers = [
        post_one(fleet.programs[name].url, "/graphql", request.encode())["data"] for name in names
    ]
    assert all(answer == answers[0] for answer in answers), "the timeline: another answer"
    assert len(answers[0]["user"]["achievements"]["edges"]) == request.variables["first"]
    contestants = {name: Client(fleet.programs[name], repeat(request.encode())) for name in names}
    results.samples["warm timeline"] = measure(contestants, effort)


def measure_pass_through(fleet: Fleet, results: Results, effort: Effort) -> None:
    """Request an operation of which the response, one kilobyte, is passed through."""
    body = encode_persisted_operation()
    paths = {OURS: "/graphql", AIOHTTP: "/proxy", HTTPX: "/proxy"}
    paths = {name: path for name, path in paths.items() if name in fleet.programs}
    answers = [post_one(fleet.programs[name].url, path, body) for name, path in paths.items()]
    assert all(answer == answers[0] for answer in answers), "pass-through: another answer"
    contestants = {
        name: Client(fleet.programs[name], repeat(body), path) for name, path in paths.items()
    }
    results.samples["pass-through"] = measure(contestants, effort)


def measure_first_sight(fleet: Fleet, results: Results, effort: Effort) -> None:
    """Request what is in memory by documents that the server has not seen."""
    queries = (build_query(COMPLETE_FIELDS, f"Titles{number}") for number in count())
    schema = build_schema().graphql_schema

    def parse_and_validate() -> None:
        assert not validate(schema, parse(next(queries)))

    program = fleet.programs[EXECUTING]
    contestants = {
        KNOWN: Client(program, repeat(request_titles("S").encode())),
        UNSEEN: Client(program, (request_titles("S", query=query).encode() for query in queries)),
        PARSED: LocalWork(parse_and_validate),
    }
    results.samples["first sight"] = measure(contestants, effort)


def measure_memory(fleet: Fleet, results: Results, effort: Effort) -> None:
    """Request the largest size from servers that have loaded no other."""
    if effort.is_quick:
        return
    names = [name for name in MEMORY_SERVERS if name in fleet.programs]
    for _round in range(MEMORY_ROUNDS):
        for name in names:
            with fleet.create_program(name) as program:
                results.bodies.setdefault(name, []).append(_measure_memory(program))


def _measure_memory(program: Program) -> float:
    """Return the peak over what an idle server takes, in bodies of the response."""
    post_all(program.url, "/graphql", [request_titles("S").encode()])
    idle = program.read_memory()
    program.reset_peak_memory()
    body_bytes = post_all(program.url, "/graphql", [request_titles("L").encode()] * 3)
    return (program.read_peak_memory() - idle) / body_bytes
