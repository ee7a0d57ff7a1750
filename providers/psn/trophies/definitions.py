"""What a set defines: the same for everyone, and good until its version changes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from providers.errors import NotFound
from providers.kit.caching.cached import Answer
from providers.kit.caching.policy import Kind
from providers.kit.text import segment
from providers.psn import errors
from providers.psn.api import Connection
from providers.psn.cache_policies import (
    DEFINITIONS,
    DEFINITIONS_ANY_VERSION,
    GROUPS,
    GROUPS_ANY_VERSION,
    SERVICE_NAME,
    SET_VERSION,
)
from providers.psn.cached_records import DefinedGroups, DefinedTrophies
from providers.psn.trophies import title_mapping, trophy_mapping
from providers.psn.trophies.models import Groups, Trophies
from providers.records import Title

NEWER, OLDER = "trophy2", "trophy"
MOST_PAGES = 50
# The service lets its own caches answer for so long; then a version's definitions are there.
SETTLED = 300

Defined = TypeVar("Defined", DefinedGroups, DefinedTrophies)
Probe = Callable[[Title, str], Awaitable[object]]


@dataclass(frozen=True)
class Definitions:
    """What sets define."""

    connection: Connection

    async def service(self, title: Title, probe: Probe) -> str:
        """Which service knows the set: as its row says, else whichever answers the probe."""
        if title.service_name is not None:
            return title.service_name
        load = partial(_service, title, probe)
        return (await self.connection.remember(SERVICE_NAME, (title.native_id,), load)).value

    async def groups(self, title: Title, service: str) -> Answer[DefinedGroups]:
        """The set itself and its groups."""
        load = partial(self._groups, title, service)
        return await self._settled(GROUPS, GROUPS_ANY_VERSION, title, service, load)

    async def trophies(self, title: Title, service: str) -> Answer[DefinedTrophies]:
        """All trophies of the set."""
        load = partial(self._trophies, title, service)
        return await self._settled(DEFINITIONS, DEFINITIONS_ANY_VERSION, title, service, load)

    async def remembers(self, title: Title, service: str) -> bool:
        """Whether all trophies of the title's version are there without a question."""
        version = title.set_version or await self._version(title, service) or ""
        kind = DEFINITIONS if version else DEFINITIONS_ANY_VERSION
        known = await self.connection.recall(kind, title.native_id, service, version)
        return known is not None and (not version or known.value.version in (None, version))

    async def _settled(
        self,
        lasting: Kind[Defined],
        passing: Kind[Defined],
        title: Title,
        service: str,
        load: Callable[[], Awaitable[Defined]],
    ) -> Answer[Defined]:
        """Definitions of the title's version, for long; of another only while it is rolled out."""
        remember = self.connection.remember
        load = partial(self._told, lasting, title, service, load)
        version = title.set_version or await self._version(title, service)
        if not version:
            return await remember(passing, (title.native_id, service, ""), load)
        key = (title.native_id, service, version)
        # Who comes without the version joins this question, and may be about to bring its answer.
        if self.connection.peek(SET_VERSION, title.native_id, service) is None:
            self.connection.store(SET_VERSION, version, title.native_id, service)
        await self.connection.landed(passing, title.native_id, service, "")
        answer = await remember(lasting, key, load)
        age = (datetime.now(UTC) - answer.fetched_at).total_seconds()
        if answer.value.version in (None, version) or age < SETTLED:
            return answer
        answer = await remember(passing, (title.native_id, service, ""), load)
        if answer.value.version == version:
            await self.connection.keep(lasting, answer.value, *key)
        return answer

    async def _version(self, title: Title, service: str) -> str | None:
        known = await self.connection.recall(SET_VERSION, title.native_id, service)
        return None if known is None else known.value

    async def _told(
        self,
        lasting: Kind[Defined],
        title: Title,
        service: str,
        load: Callable[[], Awaitable[Defined]],
    ) -> Defined:
        """Load, and let those who know the version find it, and those who do not find that."""
        found = await load()
        if found.version:
            self.connection.store(SET_VERSION, found.version, title.native_id, service)
            if not title.set_version:
                self.connection.store(lasting, found, title.native_id, service, found.version)
        return found

    async def _groups(self, title: Title, service: str) -> DefinedGroups:
        url = f"{_address(self.connection, title)}/trophyGroups"
        params = {"npServiceName": service}
        reply = await self.connection.get(url, errors.TROPHY_TITLE, params)
        return title_mapping.defined_groups(title.native_id, reply.decode(Groups), service)

    async def _trophies(self, title: Title, service: str) -> DefinedTrophies:
        url = f"{_address(self.connection, title)}/trophyGroups/all/trophies"
        pages = await all_pages(self.connection, url, service, errors.TROPHY_TITLE)
        found = (trophy_mapping.definition(row) for page in pages for row in page.trophies)
        return DefinedTrophies(version=pages[0].version or None, definitions=tuple(found))


async def all_pages(
    connection: Connection, url: str, service: str, refusals: errors.Refusals
) -> list[Trophies]:
    """All trophies; asked for without a limit they come at once, but the next page is followed."""
    pages: list[Trophies] = []
    params, offset = {"npServiceName": service}, 0
    while len(pages) < MOST_PAGES:
        page = (await connection.get(url, refusals, params)).decode(Trophies)
        pages.append(page)
        if page.next_offset is None or page.next_offset <= offset:
            break
        offset = page.next_offset
        params = {"npServiceName": service, "offset": str(offset)}
    return pages


async def _service(title: Title, probe: Probe) -> str:
    """A wrong service answers as if the set did not exist."""
    try:
        await probe(title, NEWER)
    except NotFound:
        await probe(title, OLDER)
        return OLDER
    return NEWER


def _address(connection: Connection, title: Title) -> str:
    return f"{connection.hosts.trophies}/npCommunicationIds/{segment(title.native_id)}"
