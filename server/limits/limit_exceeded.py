"""The error of an operation that is over a limit."""

from providers.errors import TooCostly


class LimitExceeded(TooCostly):
    """An operation rejected before execution, with its `estimate` and the `limit`."""

    def __init__(self, quantity: str, estimate: int, limit: int) -> None:
        super().__init__(f"{quantity}: {estimate:,}; the limit is {limit:,}.")
        self.quantity = quantity
        self.estimate = estimate
        self.limit = limit


def enforce(quantity: str, estimate: int, limit: int | None) -> None:
    """Raise `LimitExceeded` if the estimate is above the limit; None is no limit."""
    if limit is not None and estimate > limit:
        raise LimitExceeded(quantity, estimate, limit)
