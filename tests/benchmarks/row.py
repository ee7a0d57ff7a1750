"""A line of the table."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.benchmarks.counting import Spent


@dataclass(frozen=True)
class Row:
    """What a case cost, what it costs at best, and why it costs more where it does."""

    case: str
    calls: int
    best: int
    rounds: float
    best_rounds: float
    why: str = ""

    @classmethod
    def of(cls, case: str, spent: Spent, best: int, best_rounds: float, why: str = "") -> "Row":
        """A line out of what was counted."""
        return cls(case, spent.calls, best, spent.rounds, best_rounds, why)

    @property
    def ratio(self) -> float:
        """Calls made by calls possible at best."""
        if self.calls == self.best:
            return 1.0
        return self.calls / self.best if self.best else float("inf")

    @property
    def is_best(self) -> bool:
        """Whether neither a call nor a round could be saved."""
        return self.calls == self.best and self.rounds == self.best_rounds


Case = Callable[[], Iterator[Row]]


def printed(row: Row) -> str:
    """The line as text, its reason below it."""
    numbers = f"{row.calls:6} {row.best:6} {row.ratio:6.2f} {row.rounds:7g} {row.best_rounds:6g}"
    line = f"{row.case:68} {numbers}"
    return line if row.is_best else f"{line}\n      {row.why or 'NOT EXPLAINED'}"


HEADER = f"{'case':68} {'calls':>6} {'best':>6} {'ratio':>6} {'rounds':>7} {'best':>6}"
