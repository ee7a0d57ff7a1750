"""The rows of the table of calls."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.benchmarks.call_benchmark import Measurement


@dataclass(frozen=True)
class Row:
    """The cost of a case, the lowest possible cost, and why it is higher where it is."""

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
        """Build a row from a measurement."""
        return cls(case, measurement.calls, best, measurement.rounds, best_rounds, explanation)

    @property
    def ratio(self) -> float:
        """Return the calls made divided by the fewest possible."""
        if self.calls == self.best_calls:
            return 1.0
        return self.calls / self.best_calls if self.best_calls else float("inf")

    @property
    def is_best(self) -> bool:
        """Return whether neither a call nor a round could be saved."""
        return self.calls == self.best_calls and self.rounds == self.best_rounds


Case = Callable[[], Iterator[Row]]


def format_row(row: Row) -> str:
    """Format the row, with its explanation on a line of its own."""
    numbers = (
        f"{row.calls:6} {row.best_calls:6} {row.ratio:6.2f} {row.rounds:7g} {row.best_rounds:6g}"
    )
    line = f"{row.case:68} {numbers}"
    return line if row.is_best else f"{line}\n      {row.explanation or 'NOT EXPLAINED'}"


HEADER = f"{'case':68} {'calls':>6} {'best':>6} {'ratio':>6} {'rounds':>7} {'best':>6}"
