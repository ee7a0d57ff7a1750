"""What the trophy case shows: its operations run at once, and each part stands by itself."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from server.pages.page_client import Answer
from server.pages.page_services import PageServices, PageSubject
from server.pages.source_lines import SourceLine, SourceStates, build_source_lines

BAD_INPUT = "BAD_USER_INPUT"
PERSON, UNLOCKS = "person", "unlocks"


@dataclass(frozen=True)
class Section:
    """A part of the page: its operation, the list in it, and the operation's variables."""

    operation: str
    field: str
    variables: Mapping[str, int | str]


SECTIONS = (
    Section(UNLOCKS, "achievements", {"first": 20}),
    Section("in_progress", "trophyTitles", {"first": 6, "orderBy": "FEWEST_LEFT"}),
    Section("recently_played", "recentlyPlayed", {"first": 5}),
    # Each title that is opened can be a call, so that it is the rarest of the last ones alone.
    Section("rarest", "rarest", {"first": 5, "titles": 20}),
    Section("awards", "awards", {"first": 6}),
)


@dataclass(frozen=True)
class Rows:
    """The entries of a part; `problem` says why there are none, where that is known."""

    nodes: Sequence[Mapping[str, Any]] = ()
    next_cursor: str | None = None
    problem: str | None = None


@dataclass(frozen=True)
class Content:
    """The person, the parts of the page by operation, and the state of each source.

    With `after` it is a further page of the unlocks alone.
    """

    person: Mapping[str, Any] | None
    rows: Mapping[str, Rows]
    sources: Sequence[SourceLine]
    answers: Sequence[Answer]
    after: str | None = None

    @property
    def bad_input(self) -> str | None:
        """What is wrong with the request itself; None if nothing is."""
        failures = (failure for answer in self.answers for failure in answer.errors)
        return next((each.message for each in failures if each.code == BAD_INPUT), None)

    @property
    def problem(self) -> str | None:
        """Why the person could not be read; None if they could, or if that is not known."""
        person, *_ = self.answers
        return person.errors[0].message if self.person is None and person.errors else None

    def has(self, operation: str) -> bool:
        """Return whether a part has something to show: entries, or why there are none."""
        rows = self.rows.get(operation)
        return rows is not None and bool(rows.nodes or rows.problem)

    @property
    def is_unanswered(self) -> bool:
        """Whether no source has answered."""
        return all(each.is_passing for each in self.sources)

    @property
    def has_no_account(self) -> bool:
        """Whether there is no account, or none of them exists."""
        return all(each.state == "NOT_FOUND" for each in self.sources)


async def load_content(
    services: PageServices, request: Request, subject: PageSubject, after: str | None
) -> Content:
    """Load the content of a page; a part that cannot be loaded leaves the others."""
    if not subject.accounts:
        return Content(None, {}, [], [])
    sections = [each for each in SECTIONS if after is None or each.operation == UNLOCKS]
    given: dict[str, dict[str, Any]] = {
        PERSON: {},
        **{each.operation: dict(each.variables) for each in sections},
    }
    if after is not None:
        given[UNLOCKS]["after"] = after
    with services.client.limit.slot(is_stranger=subject.caller.is_stranger):
        answers = await asyncio.gather(
            *(
                services.execute(request, subject, operation, **variables)
                for operation, variables in given.items()
            )
        )
    found = dict(zip(given, answers, strict=True))
    person = found[PERSON].data.get("user")
    states = SourceStates.collect(person, answers)
    return Content(
        person,
        {each.operation: _read_rows(each, found[each.operation]) for each in sections},
        build_source_lines(subject.accounts, person, states),
        answers,
        after,
    )


def _read_rows(section: Section, answer: Answer) -> Rows:
    user: Mapping[str, Any] = answer.data.get("user") or {}
    connection: Mapping[str, Any] | None = user.get(section.field)
    if connection is None:
        return Rows(problem=answer.errors[0].message if answer.errors else None)
    info: Mapping[str, Any] | None = connection.get("pageInfo")
    return Rows(
        [edge["node"] for edge in connection["edges"]],
        info["endCursor"] if info and info["hasNextPage"] else None,
    )
