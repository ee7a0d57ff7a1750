"""A comparison of several people: who has earned what, and who was first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from providers.records import Part
from providers.registry import Source
from resolvers.comparison import compared_title
from resolvers.comparison.comparison import ComparisonQuery, compare
from resolvers.comparison.people import Person
from resolvers.context import AccountRef, Owner
from resolvers.pagination import RowPosition
from schema.account_input import AccountInput
from schema.connection import Connection, PageRequest, build_connection, source_statuses
from schema.enums import UnlockMode
from schema.from_record import from_record
from schema.node import Info
from schema.selection import PAGE_FIELDS, Selection
from schema.source import SourceStatus
from schema.title import Achievement, RevealHidden, TrophyTitle
from schema.title_parts import (
    TITLE_DEFINITION_FIELDS,
    get_achievement_parts,
    get_standalone_title_parts,
    get_title_parts,
)
from schema.user import User

PeopleArgument = Annotated[
    list[list[AccountInput]],
    strawberry.argument(
        description="2 to 8 people, each with their accounts, at most one on each source."
    ),
]

# What is loaded for each person; the rest is loaded without a player.
COMPARED_PARTS = Part.DEFINITIONS | Part.EARNED | Part.RARITY | Part.HIDDEN
PROGRESS_FIELDS = frozenset({"progress", "lastUpdatedAt"})


@strawberry.type(description="One of the people of a comparison.")
class ComparedPerson:
    position: int = strawberry.field(
        description="The person's position in the argument `accounts`, from 0; also in every list "
        "of the comparison that has an entry for each person."
    )
    user: User = strawberry.field(description="The person.")
    sources: list[SourceStatus] = strawberry.field(
        description="The status of each of the person's accounts that is compared, and of the "
        "argument `source` if the person has no account there. Of an account that is not OK, "
        "states can be null."
    )


@strawberry.type(description="What one person has earned in a title.")
class ComparedProgress:
    has_title: bool | None = strawberry.field(
        description="Whether the person has the title; null if their account cannot be read."
    )
    earned_count: int | None = strawberry.field(
        description="Number of achievements that the person has earned; null if it is not known."
    )
    progress: int | None = strawberry.field(
        description="0 to 100 percent, as `TrophyTitle.progress`; null if it is not known."
    )
    last_updated_at: datetime | None = strawberry.field(
        description="When the person last earned an achievement, as `TrophyTitle.lastUpdatedAt`."
    )
    first_count: int | None = strawberry.field(
        description="Number of achievements that the person was the first of all to earn. Opens "
        "the title for each person."
    )


@strawberry.type(description="One person's state of an achievement.")
class ComparedUnlock:
    earned: bool | None = strawberry.field(
        description="Whether the person has earned it; null if they do not have the title, or it "
        "is not known."
    )
    earned_at: datetime | None = strawberry.field(
        description="When the person earned it; null if they have not, or if the source does not "
        "say."
    )
    unlock_mode: UnlockMode | None = strawberry.field(
        description="The mode in which the person earned it (RetroAchievements)."
    )


@strawberry.type(description="An achievement, and who has earned it.")
class ComparedAchievement:
    achievement: Achievement = strawberry.field(
        description="The achievement without a player's state. A hidden one shows its name, "
        "description, icon and reward once each of the people has earned it, or with "
        "`revealHidden`."
    )
    unlocks: list[ComparedUnlock] = strawberry.field(
        description="Each person's state, in the order of `people`."
    )
    earned_by_count: int = strawberry.field(
        description="How many of the people have earned it, as far as it is known."
    )
    first: list[int] | None = strawberry.field(
        description="The positions of those who earned it first, several on a tie; empty if no one "
        "is known to have it, null if the time of one of them is not known."
    )


@strawberry.type(description="A title, and what each of the people has earned in it.")
class ComparedTitle:
    compared: strawberry.Private[compared_title.ComparedTitle]
    title_parts: strawberry.Private[Part]

    @strawberry.field(description="The title, without a player.")
    def title(self) -> TrophyTitle:
        record, owner = self.compared.record, Owner(self.compared.source)
        return TrophyTitle.from_record(record, owner, self.title_parts)

    @strawberry.field(description="Each person's progress, in the order of the people.")
    def people(self, info: Info) -> list[ComparedProgress]:
        needs_firsts = "firstCount" in Selection.from_info(info).fields
        firsts = self.compared.count_firsts() if needs_firsts else [None] * len(self.compared.rows)
        return [self._build_progress(position, count) for position, count in enumerate(firsts)]

    @strawberry.field(
        description="The achievements, in the source's order; null if the title cannot be opened "
        "for any of the people."
    )
    def achievements(self, reveal_hidden: RevealHidden = False) -> list[ComparedAchievement] | None:
        found = self.compared.list_achievements()
        if found is None:
            return None
        return [self._build_achievement(each, reveal=reveal_hidden) for each in found]

    def _build_progress(self, position: int, first_count: int | None) -> ComparedProgress:
        row = self.compared.get_row(position)
        return ComparedProgress(
            has_title=self.compared.has_title(position),
            earned_count=self.compared.count_earned(position),
            progress=row and row.progress,
            last_updated_at=row and row.last_updated_at,
            first_count=first_count,
        )

    def _build_achievement(
        self, found: compared_title.ComparedAchievement, *, reveal: bool
    ) -> ComparedAchievement:
        owner, title = Owner(self.compared.source), self.compared.record
        unknown = ComparedUnlock(earned=None, earned_at=None, unlock_mode=None)
        return ComparedAchievement(
            achievement=Achievement.from_record(found.show(reveal=reveal), owner, title),
            unlocks=[
                unknown if state is None else from_record(ComparedUnlock, state)
                for state in found.states
            ],
            earned_by_count=found.earned_by_count,
            first=found.first,
        )


@strawberry.type(description="The titles of a comparison.")
class ComparisonConnection(Connection[ComparedTitle]):
    people: list[ComparedPerson] = strawberry.field(
        description="The people, in the order of the argument, also those whose accounts are "
        "private or do not exist."
    )


async def compare_people(
    info: Info,
    people: Sequence[Sequence[AccountInput]],
    request: PageRequest[RowPosition],
    source: Source | None,
    native_id: str | None,
) -> ComparisonConnection:
    """Compare people by one title, or by those that they have in common."""
    selection = Selection.from_info(info)
    node = selection.descend("edges", "node")
    accounts = [[AccountRef(each.source, each.handle) for each in one] for one in people]
    parts = get_compared_parts(node, is_listed=native_id is None)
    query = ComparisonQuery(
        request.first,
        request.position,
        source,
        native_id,
        parts,
        people_only=not needs_titles(selection),
    )
    page = await compare(info.context, accounts, query)
    title = node.descend("title")
    title_parts = get_title_parts(title) if native_id is None else get_standalone_title_parts(title)

    def build_title(row: compared_title.ComparedTitle) -> ComparedTitle:
        return ComparedTitle(compared=row, title_parts=title_parts)

    return build_connection(
        ComparisonConnection,
        request,
        page,
        build_title,
        people=[_build_person(position, each) for position, each in enumerate(page.people)],
    )


def needs_titles(selection: Selection) -> bool:
    """Return whether more is selected than the people themselves."""
    has_page = selection.has_any({*PAGE_FIELDS, "totalCount"})
    return has_page or "sources" in selection.descend("people").fields


def _build_person(position: int, person: Person) -> ComparedPerson:
    return ComparedPerson(
        position=position,
        user=User(account_refs=person.accounts),
        sources=source_statuses(person.get_statuses()),
    )


def get_compared_parts(node: Selection, *, is_listed: bool) -> Part:
    """Return the parts of a title's contents that are needed for each person."""
    parts = Part.NONE if is_listed else Part.EARNED
    for reveal_hidden, below in node.iterate_occurrences("achievements", "revealHidden"):
        shown = get_achievement_parts(below.descend("achievement"), reveal_hidden is True)
        parts |= Part.EARNED | (shown & COMPARED_PARTS)
    if "firstCount" in node.descend("people").fields:
        parts |= Part.EARNED
    if not is_listed:
        if node.descend("title").has_any(TITLE_DEFINITION_FIELDS):
            parts |= Part.TITLE
        if node.descend("people").has_any(PROGRESS_FIELDS):
            parts |= Part.TITLE_PROGRESS
    return parts
