"""The goals: each a ratio out of one run."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.benchmarks.speed.cases import KNOWN, MEMORY_SERVERS, PARSED, SHORT_LISTS, UNSEEN
from tests.benchmarks.speed.results import Results, divide, read_wall
from tests.benchmarks.speed.sampling import Figure
from tests.benchmarks.speed.servers import (
    AIOHTTP,
    EXECUTING,
    MERCURIUS,
    OURS,
    PLAIN,
    STRAWBERRY,
)


@dataclass(frozen=True)
class Goal:
    """A ratio, none if a peer is left out, and how much it may be at most, if that is set."""

    what: str
    ratio: Figure | None
    limit: float | None = None

    @property
    def is_reached(self) -> bool:
        return self.limit is None or self.ratio is None or self.ratio.median <= self.limit


def list_goals(results: Results) -> Iterator[Goal]:
    """Compute all goals."""
    for size, limit in (("tiny", 2), ("S", 1.25), ("M", 0.5), ("t100", 0.5), ("L", 0.5)):
        case = f"warm {size}"
        yield Goal(f"{case}, by {MERCURIUS}", results.compare(case, OURS, MERCURIUS), limit)
        ratio = results.compare(case, EXECUTING, MERCURIUS)
        yield Goal(f"{case}, {EXECUTING}, by {MERCURIUS}", ratio)
    yield Goal(
        f"warm M, by {STRAWBERRY} with its caches",
        results.compare("warm M", OURS, STRAWBERRY),
        0.05,
    )
    for how in SHORT_LISTS:
        what = f"list loaded again {how}, M, without the call itself, by warm"
        yield Goal(what, _revalidate(results, how), 1.3)
    for size, limit in (("S", 2.5), ("M", 2), ("t100", 2)):
        ratio = results.compare(f"cold {size}", OURS, AIOHTTP)
        yield Goal(f"cold {size}, by a gather {AIOHTTP}", ratio, limit)
        ratio = results.compare(f"latency {size}", OURS, AIOHTTP, read_wall)
        yield Goal(f"cold {size} over 40 ms, time, by a gather {AIOHTTP}", ratio, 1.05)
    for name in (OURS, EXECUTING):
        ratio = results.compare("warm timeline", name, PLAIN)
        yield Goal(f"timeline of 100, warm, {name}, by graphql-core's executor", ratio)
    yield Goal(
        "pass-through of 1 KB, by a proxy on aiohttp",
        results.compare("pass-through", OURS, AIOHTTP),
        2,
    )
    yield Goal(f"unseen document, by {PARSED}", _see_first(results), 1.6)
    for name in MEMORY_SERVERS:
        bodies = Figure(tuple(results.bodies[name])) if name in results.bodies else None
        limit = 6 if name == OURS else None
        yield Goal(f"peak memory for L over idle, in bodies: {name}", bodies, limit)
    for state in ("warm", "cold"):
        yield Goal(f"ten times the data: t100 by t10, {state}", _grow(results, state), 11)


def _revalidate(results: Results, how: str) -> Figure | None:
    """Subtract what the list's call costs when nothing else is selected.

    A sample is the mean of two requests, of which the first finds the list expired.
    """
    samples = results.samples.get("revalidation")
    if samples is None:
        return None
    names = (f"complete, {how}", f"list, {how}", f"complete, {OURS}", f"list, {OURS}")
    rounds = zip(*([sample.cpu for sample in samples[name]] for name in names), strict=True)
    return Figure(
        tuple(
            (again - (again_list - list_only)) / complete
            for again, again_list, complete, list_only in rounds
        )
    )


def _see_first(results: Results) -> Figure | None:
    """Compare what an unseen document costs in addition."""
    samples = results.samples.get("first sight")
    if samples is None:
        return None
    rounds = zip(*(samples[name] for name in (UNSEEN, KNOWN, PARSED)), strict=True)
    return Figure(tuple((unseen.cpu - known.cpu) / parsed.cpu for unseen, known, parsed in rounds))


def _grow(results: Results, state: str) -> Figure | None:
    if not (results.has(f"{state} t10", OURS) and results.has(f"{state} t100", OURS)):
        return None
    large, small = (results.samples[f"{state} {size}"][OURS] for size in ("t100", "t10"))
    return divide(large, small)
