"""A title that several people have: what each of them has earned in it, and who was first."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from providers.capabilities import HasUnlockHistory
from providers.records import Achievement, Contents, Part, Title
from providers.registry import Source
from resolvers.timeline.account_stream import AccountStream
from resolvers.title import mask_hidden, without_owner, without_player


@dataclass(frozen=True)
class ComparedAchievement:
    """An achievement, and each person's state of it in their order; None where it is not known."""

    definition: Achievement
    states: Sequence[Achievement | None]

    @property
    def earned_by_count(self) -> int:
        """How many of the people have earned it, as far as it is known."""
        return sum(bool(state and state.earned) for state in self.states)

    @property
    def first(self) -> list[int] | None:
        """The positions of those who were first; None if a time is missing, empty without any."""
        earned = [
            (position, state.earned_at)
            for position, state in enumerate(self.states)
            if state is not None and state.earned
        ]
        times = [when for _, when in earned if when is not None]
        if len(times) < len(earned):
            return None
        earliest = min(times, default=None)
        return [position for position, when in earned if when == earliest]

    def show(self, *, reveal: bool) -> Achievement:
        """Return the definition; a hidden one is masked until each of the people has earned it."""
        is_earned_by_all = self.earned_by_count == len(self.states)
        return self.definition if reveal or is_earned_by_all else mask_hidden(self.definition)


@dataclass
class ComparedTitle:
    """A title, with each person's row of it and its contents for them, in their order.

    A row is None if it comes from no list, or the person's list cannot be read. Contents are None
    where they were not requested, or cannot be loaded.
    """

    source: Source
    record: Title
    rows: Sequence[Title | None]
    streams: Sequence[AccountStream | None]
    contents: Sequence[Contents | None]
    is_listed: bool

    @classmethod
    def from_rows(
        cls, source: Source, rows: Sequence[Title | None], streams: Sequence[AccountStream | None]
    ) -> "ComparedTitle":
        """Build a title that at least one of the lists has."""
        listed = next(row for row in rows if row is not None)
        nothing = [None] * len(rows)
        return cls(source, without_owner(listed), rows, streams, nothing, is_listed=True)

    @classmethod
    def from_id(
        cls, source: Source, native_id: str, streams: Sequence[AccountStream | None]
    ) -> "ComparedTitle":
        """Build a title that is reached without a list."""
        nothing = [None] * len(streams)
        record = Title(native_id=native_id)
        return cls(source, record, nothing, streams, nothing, is_listed=False)

    async def load(self, parts: Part) -> None:
        """Load the contents for each person, of a listed title only for those who have it."""
        self.contents = await asyncio.gather(
            *(
                self._find_contents(stream, row, parts)
                for stream, row in zip(self.streams, self.rows, strict=True)
            )
        )
        if not self.is_listed:
            titles = (each.title for each in self.contents if each is not None)
            found = next((each for each in titles if each is not None), self.record)
            self.record = without_owner(found)

    async def _find_contents(
        self, stream: AccountStream | None, row: Title | None, parts: Part
    ) -> Contents | None:
        title = row if self.is_listed else self.record
        if stream is None or title is None:
            return None
        return await stream.find_contents(title, parts, is_listed=self.is_listed)

    @property
    def is_known(self) -> bool:
        """Whether any of the people has the title, or its source tells what there is to earn."""
        return self.list_achievements() is not None

    def list_missing(self) -> list[AccountStream]:
        """Return the streams of those who do not have the title; some may not exist at all."""
        return [
            stream
            for stream, contents in zip(self.streams, self.contents, strict=True)
            if stream is not None and contents is not None and contents.achievements is None
        ]

    def has_title(self, position: int) -> bool | None:
        """Return whether a person has the title; None if it is not known."""
        contents, stream = self.contents[position], self.streams[position]
        if self.rows[position] is not None:
            return True
        if stream is None or contents is None or stream.error is not None:
            return None
        if stream.context.loaders.has_capability(self.source, HasUnlockHistory):
            # The source answers for any title; its lists have those in which something is earned.
            return bool(self.count_earned(position))
        return contents.achievements is not None

    def get_row(self, position: int) -> Title | None:
        """Return a person's own row of the title, from a list or from its contents."""
        contents = self.contents[position]
        return self.rows[position] or (contents and contents.title)

    def count_earned(self, position: int) -> int | None:
        """Return how many achievements a person has earned; None if it is not known."""
        contents, row = self.contents[position], self.rows[position]
        if contents is None or contents.achievements is None:
            return row and row.earned_count
        return sum(bool(each.earned) for each in contents.achievements)

    def count_firsts(self) -> list[int | None]:
        """Return how many achievements each person was the first of all to earn."""
        counts = Counter(
            position
            for achievement in self.list_achievements() or ()
            for position in achievement.first or ()
        )
        return [
            None if each is None or each.achievements is None else counts[position]
            for position, each in enumerate(self.contents)
        ]

    def list_achievements(self) -> list[ComparedAchievement] | None:
        """Return the achievements with the states of all people; None if nothing is loaded."""
        found = [
            None
            if each is None or each.achievements is None
            else {achievement.native_id: achievement for achievement in each.achievements}
            for each in self.contents
        ]
        if all(each is None for each in found):
            return None
        definitions: dict[str, Achievement] = {}
        for each in found:
            definitions = {**(each or {}), **definitions}
        return [
            ComparedAchievement(
                without_player(definition),
                [None if each is None else each.get(native_id) for each in found],
            )
            for native_id, definition in definitions.items()
        ]
