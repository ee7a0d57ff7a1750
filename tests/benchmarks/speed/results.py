"""The samples of a run, by case and server."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tests.benchmarks.speed.sampling import Figure, Sample, Samples

Quantity = Callable[[Sample], float]


def read_cpu(sample: Sample) -> float:
    return sample.cpu


def read_wall(sample: Sample) -> float:
    return sample.wall


@dataclass
class Results:
    """All samples; those of one case were taken in the same rounds.

    `bodies` is the memory that a response takes in each server, in bodies of it.
    """

    samples: dict[str, Samples] = field(default_factory=dict[str, Samples])
    bodies: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    left_out: list[str] = field(default_factory=list[str])

    def has(self, case: str, *servers: str) -> bool:
        return case in self.samples and all(name in self.samples[case] for name in servers)

    def get_figure(self, case: str, server: str, read: Quantity = read_cpu) -> Figure:
        return Figure(tuple(map(read, self.samples[case][server])))

    def compare(
        self, case: str, server: str, peer: str, read: Quantity = read_cpu
    ) -> Figure | None:
        """Return the ratio of two servers within each round; None if one was not measured."""
        if not self.has(case, server, peer):
            return None
        return divide(self.samples[case][server], self.samples[case][peer], read)


def divide(
    samples: Iterable[Sample], others: Iterable[Sample], read: Quantity = read_cpu
) -> Figure:
    """Return the ratio of two samples within each round."""
    pairs = zip(samples, others, strict=True)
    return Figure(tuple(read(one) / read(other) for one, other in pairs))
