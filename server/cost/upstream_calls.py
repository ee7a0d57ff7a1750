"""Upstream calls by estimate, counted for each source by itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True)
class UpstreamCalls:
    """So many calls to each source; those left out get none."""

    by_source: Mapping[str, int] = field(default_factory=dict[str, int])

    @classmethod
    def for_sources(cls, sources: Iterable[str], count: int) -> Self:
        """So many calls to each of these sources."""
        return cls(dict.fromkeys(sources, count) if count else {})

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.by_source.values())

    def __add__(self, other: "UpstreamCalls") -> "UpstreamCalls":
        if not other.by_source:
            return self
        names = dict.fromkeys([*self.by_source, *other.by_source])
        return UpstreamCalls({name: self[name] + other[name] for name in names})

    def __mul__(self, times: int) -> "UpstreamCalls":
        return UpstreamCalls({name: calls * times for name, calls in self.by_source.items()})

    def __getitem__(self, source: str) -> int:
        return self.by_source.get(source, 0)


NO_CALLS = UpstreamCalls()
