"""A line of the table."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.benchmarks.call_benchmark import Measurement


@dataclass(frozen=True)
class Row:
    """What a case cost, what it costs at best, and why it costs more where it does."""

    case: str
    calls: int
    best_calls: int
    rounds: float
    best_rounds: float
    explanation: str = ""

    @classmethod
    def from_measurement(
        cls,
        case: str,
        measurement: Measurement,
        best: int,
        best_rounds: float,
        explanation: str = "",
    ) -> "Row":
        """A line out of what was counted."""
        return cls(case, measurement.calls, best, measurement.rounds, best_rounds, explanation)

    @property
    def ratio(self) -> float:
        """Calls made by calls possible at best."""
        if self.calls == self.best_calls:
            return 1.0
        return self.calls / self.best_calls if self.best_calls else float("inf")

    @property
    def is_best(self) -> bool:
        """Whether neither a call nor a round could be saved."""
        return self.calls == self.best_calls and self.rounds == self.best_rounds


Case = Callable[[], Iterator[Row]]


def format_row(row: Row) -> str:
    """The line as text, its reason below it."""
    numbers = (
        f"{row.calls:6} {row.best_calls:6} {row.ratio:6.2f} {row.rounds:7g} {row.best_rounds:6g}"
    )
    line = f"{row.case:68} {numbers}"
    return line if row.is_best else f"{line}\n      {row.explanation or 'NOT EXPLAINED'}"


HEADER = f"{'case':68} {'calls':>6} {'best':>6} {'ratio':>6} {'rounds':>7} {'best':>6}"
