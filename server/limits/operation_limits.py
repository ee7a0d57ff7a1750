"""The limits on one operation that an operator sets."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class OperationLimits:
    """What an operation may take: values, calls, and calls to each source that its rate allows."""

    max_values: int | None = None
    max_calls: int | None = None
    max_calls_by_source: Mapping[str, int] = field(default_factory=dict[str, int])


NO_LIMITS = OperationLimits()
