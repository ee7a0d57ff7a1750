"""The limits on one operation that the operator sets."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class OperationLimits:
    """Limits on the values of a response, the upstream calls, and the calls to each source."""

    max_values: int | None = None
    max_calls: int | None = None
    max_calls_by_source: Mapping[str, int] = field(default_factory=dict[str, int])


NO_LIMITS = OperationLimits()
