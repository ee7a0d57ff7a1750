"""One line for each account of a page: where it is, and what its source has answered."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from resolvers.context import AccountRef
from server.pages.page_client import Answer, Failure
from server.pages.texts import STATES, STATES_BY_CODE, STATES_BY_WEIGHT

NOT_FOUND, UNKNOWN_STATE = "NOT_FOUND", "UNKNOWN"
# In these a source may say something else in a moment.
PASSING_STATES = frozenset({"UNAVAILABLE", "RATE_LIMITED", UNKNOWN_STATE})


@dataclass(frozen=True)
class SourceLine:
    """An account, the worst state that its source has in any part of the page, and its words."""

    source: str
    name: str
    url: str | None
    state: str
    retry_after: int | None

    @property
    def text(self) -> str:
        """The state in words."""
        return STATES[self.state]

    @property
    def is_passing(self) -> bool:
        """Whether the source has not answered, and may do so soon."""
        return self.state in PASSING_STATES


@dataclass
class SourceStates:
    """The states of each source in the parts of a page, with the seconds to wait."""

    existing: set[str] = field(default_factory=set[str])
    _found: dict[str, dict[str, int | None]] = field(
        default_factory=dict[str, dict[str, int | None]]
    )

    @classmethod
    def collect(cls, person: Mapping[str, Any] | None, answers: Iterable[Answer]) -> "SourceStates":
        """Collect the states that answers show, and those that their errors mean.

        Whether an account exists, only its own status tells: one without a list can be there.
        """
        states = cls()
        for account in person["accounts"] if person else ():
            states.note(account["source"], **_read_status(account["status"]))
            if account["status"]["state"] != NOT_FOUND:
                states.existing.add(account["source"])
        for answer in answers:
            for status in _iterate_statuses(answer.data.get("user") or {}):
                states.note(status["source"], **_read_status(status))
            for failure in answer.errors:
                states.note_failure(failure)
        return states

    def note(self, source: str, state: str, retry_after: int | None = None) -> None:
        """Note a state of a source."""
        if state != NOT_FOUND or source not in self.existing:
            self._found.setdefault(source, {}).setdefault(state, retry_after)

    def note_failure(self, failure: Failure) -> None:
        """Note the state that an error of a source means."""
        source = failure.extensions.get("source")
        if source is not None:
            state = STATES_BY_CODE.get(failure.code, "UNAVAILABLE")
            self.note(source, state, failure.extensions.get("retryAfter"))

    def get_worst(self, source: str) -> tuple[str, int | None]:
        """Return the state that weighs most, and the seconds to wait where they are known."""
        found = self._found.get(source, {})
        worst = next((state for state in STATES_BY_WEIGHT if state in found), UNKNOWN_STATE)
        return worst, found.get(worst)


def build_source_lines(
    accounts: Sequence[AccountRef], person: Mapping[str, Any] | None, states: SourceStates
) -> list[SourceLine]:
    """Build the lines in the order of the accounts, also where nothing is known of them."""
    known = {each["source"]: each for each in (person["accounts"] if person else ())}
    return [
        _build_line(each.source.name, known.get(each.source.name), each.handle, states)
        for each in accounts
    ]


def _build_line(
    source: str, account: Mapping[str, Any] | None, handle: str, states: SourceStates
) -> SourceLine:
    state, retry_after = states.get_worst(source)
    if account is None:
        return SourceLine(source, handle, None, state, retry_after)
    name = account["displayName"] or account["handle"]
    return SourceLine(source, name, account["profileUrl"], state, retry_after)


def _iterate_statuses(user: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for value in user.values():
        if isinstance(value, dict) and "sources" in value:
            yield from value["sources"]


def _read_status(status: Mapping[str, Any]) -> dict[str, Any]:
    return {"state": status["state"], "retry_after": status["retryAfter"]}
