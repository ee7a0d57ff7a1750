"""Estimated upstream calls, counted for each source."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True)
class UpstreamCalls:
    """A number of calls to each source; 0 for a source that is not in the mapping."""

    by_source: Mapping[str, int] = field(default_factory=dict[str, int])

    @classmethod
    def for_sources(cls, sources: Iterable[str], count: int) -> Self:
        """Build the same number of calls to each of these sources."""
        return cls(dict.fromkeys(sources, count) if count else {})

    @property
    def total(self) -> int:
        """The calls to all sources together."""
        return sum(self.by_source.values())

    def __add__(self, other: "UpstreamCalls") -> "UpstreamCalls":
        if not other.by_source:
            return self
        names = dict.fromkeys([*self.by_source, *other.by_source])
        return UpstreamCalls({name: self[name] + other[name] for name in names})

    def __mul__(self, times: int) -> "UpstreamCalls":
        return UpstreamCalls({name: calls * times for name, calls in self.by_source.items()})

    def merge(self, other: "UpstreamCalls") -> "UpstreamCalls":
        """Return the larger number for each source: those of both that are the same calls."""
        names = dict.fromkeys([*self.by_source, *other.by_source])
        return UpstreamCalls({name: max(self[name], other[name]) for name in names})

    def __getitem__(self, source: str) -> int:
        return self.by_source.get(source, 0)


NO_CALLS = UpstreamCalls()
