"""An operation that is over a limit: which one, and by how much."""

from providers.errors import TooCostly


class LimitExceeded(TooCostly):
    """Refused before anything ran; `estimate` and `limit` say how far apart they are."""

    def __init__(self, quantity: str, estimate: int, limit: int) -> None:
        super().__init__(f"{quantity}: {estimate:,}; up to {limit:,} are allowed.")
        self.quantity = quantity
        self.estimate = estimate
        self.limit = limit


def enforce(quantity: str, estimate: int, limit: int | None) -> None:
    """Refuse what is more than the limit; None is no limit."""
    if limit is not None and estimate > limit:
        raise LimitExceeded(quantity, estimate, limit)
