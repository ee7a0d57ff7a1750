"""Definitions of titles: the same for every viewer, cached for a day or until the set changes."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from providers.errors import NotFound
from providers.kit.caching.cache import FreshValue
from providers.kit.caching.cached import Cached
from providers.kit.caching.policy import CachePolicy
from providers.kit.request_context import get_current
from providers.kit.text import quote_segment
from providers.psn import errors
from providers.psn.cache_policies import (
    DEFINITIONS,
    DEFINITIONS_ANY_VERSION,
    SERVICE_NAME,
    SET_VERSION,
    TROPHY_GROUPS,
    TROPHY_GROUPS_ANY_VERSION,
)
from providers.psn.cached_api import CachedApi
from providers.psn.cached_records import GroupDefinitions, TrophyDefinitions
from providers.psn.trophies import title_mapping, trophy_mapping
from providers.psn.trophies.contradictions import (
    UPSTREAM_CACHE_SECONDS,
    build_revision,
    is_older_than_row,
)
from providers.psn.trophies.grades import count_known_grades
from providers.psn.trophies.models import TrophyGroupsResponse
from providers.psn.trophies.set_sizes import remember_size
from providers.psn.trophies.trophy_pages import load_trophies
from providers.records import Title

# PS5 and PC titles belong to `trophy2`; PS3, PS4 and PS Vita titles to `trophy`.
NEWER_SERVICE, OLDER_SERVICE = "trophy2", "trophy"

DefinitionsT = TypeVar("DefinitionsT", GroupDefinitions, TrophyDefinitions)
# The title's id, its service, and the revision in the account's row.
RowKey = tuple[str, str, str]
Load = Callable[[RowKey], Awaitable[DefinitionsT]]
Probe = Callable[[Title, str], Awaitable[object]]


@dataclass(frozen=True)
class Definitions:
    """Definitions of titles, their groups and their trophies."""

    cached_api: CachedApi

    async def find_service(self, title: Title, probe: Probe) -> str:
        """Return the `npServiceName` of the title's row, else the one that `probe` succeeds with.

        `probe` loads something of the title from a service and raises `NotFound` for a wrong one.
        """
        if title.service_name is not None:
            return title.service_name
        load = partial(_probe_service, title, probe)
        return (await self.cached_api.get_or_load(SERVICE_NAME, (title.native_id,), load)).value

    def get_groups(
        self, title: Title, service: str
    ) -> Coroutine[Any, Any, Cached[GroupDefinitions]]:
        """Return the title itself and its groups."""
        load = self._load_groups
        return self._get_versioned(TROPHY_GROUPS, TROPHY_GROUPS_ANY_VERSION, title, service, load)

    def get_trophies(
        self, title: Title, service: str
    ) -> Coroutine[Any, Any, Cached[TrophyDefinitions]]:
        """Return all trophies of the title."""
        load = self._load_trophies
        return self._get_versioned(DEFINITIONS, DEFINITIONS_ANY_VERSION, title, service, load)

    def find_groups(self, title: Title, service: str) -> FreshValue[GroupDefinitions] | None:
        """Return the title itself and its groups if `get_groups` would not have to wait."""
        load = self._load_groups
        return self._find_versioned(TROPHY_GROUPS, TROPHY_GROUPS_ANY_VERSION, title, service, load)

    def find_trophies(self, title: Title, service: str) -> FreshValue[TrophyDefinitions] | None:
        """Return all trophies of the title if `get_trophies` would not have to wait."""
        load = self._load_trophies
        return self._find_versioned(DEFINITIONS, DEFINITIONS_ANY_VERSION, title, service, load)

    async def has_cached(self, title: Title, service: str) -> bool:
        """Return whether the trophies of the title's current revision are cached."""
        row_revision = build_revision(title.set_version, title.defined_counts)
        revision = await self._find_revision(title, service, row_revision)
        policy = DEFINITIONS if revision else DEFINITIONS_ANY_VERSION
        cached = await self.cached_api.get_cached(policy, title.native_id, service, revision)
        return cached is not None and not is_older_than_row(cached.value, title)

    async def _get_versioned(
        self,
        versioned_policy: CachePolicy[DefinitionsT],
        unversioned_policy: CachePolicy[DefinitionsT],
        title: Title,
        service: str,
        load_by_key: Load[DefinitionsT],
    ) -> Cached[DefinitionsT]:
        """Return definitions of the title's revision, or of any one if that is not known.

        While PSN rolls a new one out, the previous one may be answered for a few minutes.
        """
        get_or_load = self.cached_api.get_or_load
        row_revision = build_revision(title.set_version, title.defined_counts)
        load = partial(load_by_key, (title.native_id, service, row_revision))
        unversioned_key = (title.native_id, service, "")
        revision = row_revision
        if not (title.set_version and title.defined_counts):
            revision = await self._find_revision(title, service, row_revision)
        if not revision:
            return await get_or_load(unversioned_policy, unversioned_key, load)
        self._remember_revision(title, service, revision)
        if self.cached_api.is_loading(unversioned_policy, *unversioned_key):
            # It does not know the revision yet, and loads the same thing.
            await self.cached_api.wait_for_load(unversioned_policy, *unversioned_key)
        key = (title.native_id, service, revision)
        cached = await get_or_load(versioned_policy, key, load)
        if not is_older_than_row(cached.value, title):
            return cached
        get_current().forbid_reuse()
        age = (datetime.now(UTC) - cached.fetched_at).total_seconds()
        if age < UPSTREAM_CACHE_SECONDS:
            return cached
        # Cached during a rollout under the new revision, although it is the previous one.
        cached = await get_or_load(unversioned_policy, unversioned_key, load)
        if not is_older_than_row(cached.value, title):
            await self.cached_api.set_cached(versioned_policy, cached.value, *key)
        return cached

    def _find_versioned(
        self,
        versioned_policy: CachePolicy[DefinitionsT],
        unversioned_policy: CachePolicy[DefinitionsT],
        title: Title,
        service: str,
        load_by_key: Load[DefinitionsT],
    ) -> FreshValue[DefinitionsT] | None:
        """Return the definitions of the revision in the account's row, unless one is loading."""
        cached_api, native_id = self.cached_api, title.native_id
        if cached_api.peek_cached(SET_VERSION, native_id, service) is None or cached_api.is_loading(
            unversioned_policy, native_id, service, ""
        ):
            return None
        key = (native_id, service, build_revision(title.set_version, title.defined_counts))
        return cached_api.find_fresh(versioned_policy, key, partial(load_by_key, key))

    def _remember_revision(self, title: Title, service: str, revision: str) -> None:
        """Store a revision, if none is known, so that loads without it use the versioned key."""
        if self.cached_api.peek_cached(SET_VERSION, title.native_id, service) is None:
            self.cached_api.set_cached_nowait(SET_VERSION, revision, title.native_id, service)

    async def _find_revision(self, title: Title, service: str, row_revision: str) -> str:
        """Return the revision of the account's row, else the cached one; empty if neither is known.

        A row with a version or counts alone, as that of a product, may contradict the cached one.
        """
        if title.set_version and title.defined_counts:
            return row_revision
        cached = await self.cached_api.get_cached(SET_VERSION, title.native_id, service)
        if cached is None:
            return row_revision
        is_same = cached.value.startswith(row_revision) or cached.value.endswith(row_revision)
        return cached.value if is_same else row_revision

    async def _load_groups(self, key: RowKey) -> GroupDefinitions:
        native_id, service, _ = key
        url = f"{self._build_url(native_id)}/trophyGroups"
        params = {"npServiceName": service}
        reply = await self.cached_api.api.get(url, errors.TROPHY_TITLE_RULES, params)
        definitions = title_mapping.map_group_definitions(
            native_id, reply.decode(TrophyGroupsResponse), service
        )
        self._store_revision(TROPHY_GROUPS, key, definitions)
        return definitions

    async def _load_trophies(self, key: RowKey) -> TrophyDefinitions:
        native_id, service, _ = key
        url = f"{self._build_url(native_id)}/trophyGroups/all/trophies"
        rules = errors.TROPHY_TITLE_RULES
        response = await load_trophies(self.cached_api.api, url, service, rules)
        rows = trophy_mapping.map_definitions(response.trophies)
        definitions = TrophyDefinitions(
            version=response.version or None,
            definitions=rows,
            defined_counts=count_known_grades([each.grade for each in rows]),
        )
        self._store_revision(DEFINITIONS, key, definitions)
        return definitions

    def _store_revision(
        self, policy: CachePolicy[DefinitionsT], key: RowKey, definitions: DefinitionsT
    ) -> None:
        """Cache the revision of loaded definitions, and them under it if the row has another."""
        native_id, service, row_revision = key
        counts = remember_size(self.cached_api, native_id, definitions)
        if definitions.version:
            store = self.cached_api.set_cached_nowait
            revision = build_revision(definitions.version, counts)
            store(SET_VERSION, revision, native_id, service)
            if revision != row_revision:
                store(policy, definitions, native_id, service, revision)

    def _build_url(self, native_id: str) -> str:
        base_url = self.cached_api.api.urls.trophies
        return f"{base_url}/npCommunicationIds/{quote_segment(native_id)}"


async def _probe_service(title: Title, probe: Probe) -> str:
    # The wrong service answers 404, as for a title that does not exist.
    try:
        await probe(title, NEWER_SERVICE)
    except NotFound:
        await probe(title, OLDER_SERVICE)
        return OLDER_SERVICE
    return NEWER_SERVICE
