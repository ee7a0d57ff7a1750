"""The limits on one operation that the operator sets."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class OperationLimits:
    """Limits on the values of a response, the upstream calls, and the calls to each source."""

    max_values: int | None = None
    max_calls: int | None = None
    max_calls_by_source: Mapping[str, int] = field(default_factory=dict[str, int])

    def reduce_values(self, share: int) -> "OperationLimits":
        """Return limits with one part in `share` of the values; no limit stays none."""
        if self.max_values is None:
            return self
        return replace(self, max_values=max(1, self.max_values // share))


NO_LIMITS = OperationLimits()
