"""Reads what the embedded documents of a profile show, by the operations of its pages."""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, datetime

import msgspec
from starlette.requests import Request

from providers.kit.freshness import Freshness
from server.embeds.answers import Person, Unlock, Unlocks, read_person, read_unlocks
from server.pages.page_client import Answer
from server.pages.page_services import PageServices, PageSubject
from server.pages.texts import clean_text
from server.public_url import get_public_url


@dataclass(frozen=True)
class ReadProfile:
    """A profile as it was read; a source that failed is missing from its lists."""

    name: str
    page_url: str
    person: Person
    unlocks: Unlocks
    freshnesses: tuple[Freshness | None, ...]
    fingerprint: bytes = b""  # equal where everything but the freshnesses is

    @property
    def display_name(self) -> str:
        return clean_text(self.person.display_name) or self.name

    @property
    def dated_unlocks(self) -> list[tuple[datetime, Unlock]]:
        """The unlocks whose time is known, with it; those are left out that no zone can show."""
        dated = ((each.earned_at, each) for each in self.unlocks.nodes)
        return [
            (when, each)
            for when, each in dated
            if when is not None and MINYEAR < when.year < MAXYEAR
        ]

    @property
    def newest_at(self) -> datetime | None:
        """When the newest of the unlocks was earned."""
        return max((when for when, _ in self.dated_unlocks), default=None)


@dataclass(frozen=True)
class ProfileReader:
    """Reads profiles with the rights of their visitors."""

    services: PageServices

    async def read(self, request: Request, subject: PageSubject, first: int) -> ReadProfile:
        """Read the person and their newest unlocks."""
        answers = await asyncio.gather(
            self.services.execute(request, subject, "person"),
            self.services.execute(request, subject, "unlocks", first=first),
        )
        name = subject.profile.name if subject.profile else ""
        page_url = f"{get_public_url(self.services.settings, request.scope)}/@{name}"
        return ReadProfile(
            name,
            page_url,
            read_person(answers[0].data),
            read_unlocks(answers[1].data),
            tuple(answer.freshness for answer in answers),
            _compute_fingerprint(page_url, *answers),
        )


def _compute_fingerprint(page_url: str, *answers: Answer) -> bytes:
    content = msgspec.json.encode([page_url, *(answer.data for answer in answers)])
    return hashlib.sha256(content).digest()
