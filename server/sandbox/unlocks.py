"""Unlocks in the sandbox: on demand, and now and then by a schedule."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from providers.kit.sandbox import Sandbox, SandboxAchievement
from providers.registry import Source


class WantedUnlock(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be unlocked, by the ids of its source; an empty text is the next one."""

    source: str = ""
    account: str = ""
    title: str = ""
    achievement: str = ""

    def matches(self, locked: SandboxAchievement) -> bool:
        """Return whether this is the title and the achievement."""
        return self.title in ("", locked.title) and self.achievement in ("", locked.achievement)


@dataclass
class SandboxUnlocks:
    """The unlocks of all sandboxes; the next one is of the next source that has any left."""

    sandboxes: Mapping[Source, Sandbox]
    _turn: int = 0

    def unlock(self, wanted: WantedUnlock | None = None) -> list[dict[str, Any]]:
        """Unlock the first achievement that matches; return it with what it completes.

        Return nothing if none is left.
        """
        wanted = wanted or WantedUnlock()
        for source in self._list_sources(wanted):
            sandbox = self.sandboxes[source]
            locked = next(filter(wanted.matches, sandbox.list_locked(wanted.account)), None)
            if locked is not None:
                self._turn = list(self.sandboxes).index(source) + 1
                moment = datetime.now(UTC).replace(microsecond=0)
                earned = sandbox.earn(locked, moment)
                return [_serialize(source, each, moment) for each in earned]
        return []

    async def run_schedule(self, seconds: float) -> None:
        """Unlock the next achievement every so many seconds, until none is left."""
        is_something_left = True
        while is_something_left:
            await asyncio.sleep(seconds)
            is_something_left = bool(self.unlock())

    def _list_sources(self, wanted: WantedUnlock) -> list[Source]:
        sources = list(self.sandboxes)
        start = self._turn % len(sources)
        turns = [*sources[start:], *sources[:start]]
        return [each for each in turns if wanted.source in ("", each.name)]


def _serialize(source: Source, earned: SandboxAchievement, moment: datetime) -> dict[str, Any]:
    when = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    return {"source": source.name, **asdict(earned), "earnedAt": when}
