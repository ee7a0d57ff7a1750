"""What a set defines: the same for everyone, and good until its version changes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from providers.errors import NotFound
from providers.kit.caching.cached import Cached
from providers.kit.caching.policy import CachePolicy
from providers.kit.text import quote_segment
from providers.psn import errors
from providers.psn.api import PsnApi
from providers.psn.cache_policies import (
    DEFINITIONS,
    DEFINITIONS_ANY_VERSION,
    SERVICE_NAME,
    SET_VERSION,
    TROPHY_GROUPS,
    TROPHY_GROUPS_ANY_VERSION,
)
from providers.psn.cached_records import GroupDefinitions, TrophyDefinitions
from providers.psn.trophies import title_mapping, trophy_mapping
from providers.psn.trophies.models import TrophiesResponse, TrophyGroupsResponse
from providers.records import Title

NEWER_SERVICE, OLDER_SERVICE = "trophy2", "trophy"
MAX_PAGES = 50
# The service lets its own caches answer for so long; then a version's definitions are there.
UPSTREAM_CACHE_SECONDS = 300

DefinitionsT = TypeVar("DefinitionsT", GroupDefinitions, TrophyDefinitions)
Probe = Callable[[Title, str], Awaitable[object]]


@dataclass(frozen=True)
class Definitions:
    """What sets define."""

    api: PsnApi

    async def find_service(self, title: Title, probe: Probe) -> str:
        """Which service knows the set: as its row says, else whichever answers the probe."""
        if title.service_name is not None:
            return title.service_name
        load = partial(_probe_service, title, probe)
        return (await self.api.get_or_load(SERVICE_NAME, (title.native_id,), load)).value

    async def get_groups(self, title: Title, service: str) -> Cached[GroupDefinitions]:
        """The set itself and its groups."""
        load = partial(self._load_groups, title, service)
        return await self._get_versioned(
            TROPHY_GROUPS, TROPHY_GROUPS_ANY_VERSION, title, service, load
        )

    async def get_trophies(self, title: Title, service: str) -> Cached[TrophyDefinitions]:
        """All trophies of the set."""
        load = partial(self._load_trophies, title, service)
        return await self._get_versioned(DEFINITIONS, DEFINITIONS_ANY_VERSION, title, service, load)

    async def has_cached(self, title: Title, service: str) -> bool:
        """Whether all trophies of the title's version are there without a question."""
        version = title.set_version or await self._get_cached_version(title, service) or ""
        policy = DEFINITIONS if version else DEFINITIONS_ANY_VERSION
        cached = await self.api.get_cached(policy, title.native_id, service, version)
        return cached is not None and (not version or cached.value.version in (None, version))

    async def _get_versioned(
        self,
        versioned_policy: CachePolicy[DefinitionsT],
        unversioned_policy: CachePolicy[DefinitionsT],
        title: Title,
        service: str,
        load: Callable[[], Awaitable[DefinitionsT]],
    ) -> Cached[DefinitionsT]:
        """Definitions of the title's version, for long; of another only while it is rolled out."""
        get_or_load = self.api.get_or_load
        load = partial(self._load_and_store_version, versioned_policy, title, service, load)
        version = title.set_version or await self._get_cached_version(title, service)
        if not version:
            return await get_or_load(unversioned_policy, (title.native_id, service, ""), load)
        key = (title.native_id, service, version)
        # Who comes without the version joins this question, and may be about to bring its answer.
        if self.api.peek_cached(SET_VERSION, title.native_id, service) is None:
            self.api.set_cached_nowait(SET_VERSION, version, title.native_id, service)
        await self.api.wait_for_load(unversioned_policy, title.native_id, service, "")
        answer = await get_or_load(versioned_policy, key, load)
        age = (datetime.now(UTC) - answer.fetched_at).total_seconds()
        if answer.value.version in (None, version) or age < UPSTREAM_CACHE_SECONDS:
            return answer
        answer = await get_or_load(unversioned_policy, (title.native_id, service, ""), load)
        if answer.value.version == version:
            await self.api.set_cached(versioned_policy, answer.value, *key)
        return answer

    async def _get_cached_version(self, title: Title, service: str) -> str | None:
        cached = await self.api.get_cached(SET_VERSION, title.native_id, service)
        return None if cached is None else cached.value

    async def _load_and_store_version(
        self,
        versioned_policy: CachePolicy[DefinitionsT],
        title: Title,
        service: str,
        load: Callable[[], Awaitable[DefinitionsT]],
    ) -> DefinitionsT:
        """Load, and let those who know the version find it, and those who do not find that."""
        definitions = await load()
        if definitions.version:
            self.api.set_cached_nowait(SET_VERSION, definitions.version, title.native_id, service)
            if not title.set_version:
                self.api.set_cached_nowait(
                    versioned_policy, definitions, title.native_id, service, definitions.version
                )
        return definitions

    async def _load_groups(self, title: Title, service: str) -> GroupDefinitions:
        url = f"{_build_url(self.api, title)}/trophyGroups"
        params = {"npServiceName": service}
        reply = await self.api.get(url, errors.TROPHY_TITLE_RULES, params)
        return title_mapping.map_group_definitions(
            title.native_id, reply.decode(TrophyGroupsResponse), service
        )

    async def _load_trophies(self, title: Title, service: str) -> TrophyDefinitions:
        url = f"{_build_url(self.api, title)}/trophyGroups/all/trophies"
        pages = await fetch_all_pages(self.api, url, service, errors.TROPHY_TITLE_RULES)
        found = (trophy_mapping.map_definition(row) for page in pages for row in page.trophies)
        return TrophyDefinitions(version=pages[0].version or None, definitions=tuple(found))


async def fetch_all_pages(
    api: PsnApi, url: str, service: str, rules: errors.ErrorRules
) -> list[TrophiesResponse]:
    """All trophies; asked for without a limit they come at once, but the next page is followed."""
    pages: list[TrophiesResponse] = []
    params, offset = {"npServiceName": service}, 0
    while len(pages) < MAX_PAGES:
        page = (await api.get(url, rules, params)).decode(TrophiesResponse)
        pages.append(page)
        if page.next_offset is None or page.next_offset <= offset:
            break
        offset = page.next_offset
        params = {"npServiceName": service, "offset": str(offset)}
    return pages


async def _probe_service(title: Title, probe: Probe) -> str:
    """A wrong service answers as if the set did not exist."""
    try:
        await probe(title, NEWER_SERVICE)
    except NotFound:
        await probe(title, OLDER_SERVICE)
        return OLDER_SERVICE
    return NEWER_SERVICE


def _build_url(api: PsnApi, title: Title) -> str:
    return f"{api.urls.trophies}/npCommunicationIds/{quote_segment(title.native_id)}"
