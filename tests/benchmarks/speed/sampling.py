"""Measures several servers by turns, so that a change of the machine's load reaches all of them."""

import statistics
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tests.benchmarks.speed.http_client import post_all
from tests.benchmarks.speed.process import Program

MAX_BATCH = 400
MAX_WARM_UP = 200


@dataclass(frozen=True)
class Sample:
    """Seconds for each request of a batch."""

    cpu: float
    wall: float


@dataclass(frozen=True)
class Effort:
    """How long to measure: rounds, and processor seconds of a batch and of the warm-up."""

    rounds: int
    batch_seconds: float
    warm_up_seconds: float
    is_quick: bool = False  # without the large sizes


FULL = Effort(rounds=7, batch_seconds=0.06, warm_up_seconds=0.3)
QUICK = Effort(rounds=1, batch_seconds=0.01, warm_up_seconds=0.01, is_quick=True)


class Contestant(ABC):
    """What is measured."""

    @abstractmethod
    def run(self, count: int) -> Sample:
        """Do the work so many times."""

    def warm_up(self, effort: Effort, least: int = 1) -> int:
        """Do the work until it is fast; return how many times make a batch, at least `least`."""
        spent, done, count = 0.0, 0, 1
        while True:
            cost = self.run(count).cpu
            spent, done = spent + cost * count, done + count
            if spent >= effort.warm_up_seconds or done >= MAX_WARM_UP:
                return max(least, min(MAX_BATCH, round(effort.batch_seconds / cost)))
            count *= 2


@dataclass(frozen=True)
class Client(Contestant):
    """A server, and the bodies of the requests that it is sent.

    `pauses` are the seconds to wait after each request, by turns. Without `batch` it depends on the
    processor time of a request, and is `least_batch` at least.
    """

    program: Program
    bodies: Iterator[bytes]
    path: str = "/graphql"
    batch: int | None = None
    least_batch: int = 1
    pauses: tuple[float, ...] = (0,)

    def run(self, count: int) -> Sample:
        bodies = [next(self.bodies) for _ in range(count * len(self.pauses))]
        cpu, clock = self.program.read_cpu_seconds(), time.perf_counter()
        post_all(self.program.url, self.path, bodies, self.pauses)
        wall = time.perf_counter() - clock
        spent = self.program.read_cpu_seconds() - cpu
        return Sample(spent / len(bodies), wall / len(bodies))

    def warm_up(self, effort: Effort, least: int = 1) -> int:
        if self.batch is None:
            return super().warm_up(effort, max(least, self.least_batch))
        self.run(2 * self.batch)
        return self.batch


@dataclass(frozen=True)
class LocalWork(Contestant):
    """Work that is done in this process."""

    work: Callable[[], object]

    def run(self, count: int) -> Sample:
        cpu, clock = time.process_time(), time.perf_counter()
        for _ in range(count):
            self.work()
        wall = time.perf_counter() - clock
        return Sample((time.process_time() - cpu) / count, wall / count)


Samples = Mapping[str, list[Sample]]


def measure(contestants: Mapping[str, Contestant], effort: Effort) -> Samples:
    """Return a sample of each server for each round."""
    counts = {name: each.warm_up(effort) for name, each in contestants.items()}
    samples: dict[str, list[Sample]] = {name: [] for name in contestants}
    for _round in range(effort.rounds):
        for name, each in contestants.items():
            samples[name].append(each.run(counts[name]))
    return samples


@dataclass(frozen=True)
class Figure:
    """The median of a quantity over all rounds, its lowest and its highest value."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def format(self, form: Callable[[float], str]) -> str:
        """Format the median and, behind it, the range."""
        low, high = form(min(self.values)), form(max(self.values))
        return form(self.median) if low == high else f"{form(self.median)} ({low} to {high})"
