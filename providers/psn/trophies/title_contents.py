"""Loads the contents of titles with as few calls as the wanted parts allow, all at once."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from msgspec.structs import replace

from providers.capabilities import ContentsKey
from providers.errors import ProviderError
from providers.kit.caching.cache import FreshValue, gather_outcomes
from providers.kit.caching.cached import Cached
from providers.kit.detached_task import start_detached
from providers.kit.request_context import bypass_cache
from providers.kit.started import gather_started
from providers.psn.cached_records import (
    EarnedGroupStates,
    EarnedTrophyStates,
    GroupDefinitions,
    TrophyDefinitions,
)
from providers.psn.people.accounts import Accounts
from providers.psn.trophies.call_plan import (
    PARTS_THAT_GIVE_PROGRESS,
    PLAYER_PARTS,
    CallPlan,
    CallResults,
    can_derive_progress,
    find_needs,
)
from providers.psn.trophies.contents import (
    build_contents,
    merge_trophies,
    needs_counted_progress,
)
from providers.psn.trophies.contradictions import find_outdated, has_contradictions
from providers.psn.trophies.definitions import Definitions
from providers.psn.trophies.earned import EarnedState
from providers.psn.trophies.title_lists import find_cached_row
from providers.records import Contents, Part, Title

T = TypeVar("T")

FoundResults = tuple[
    FreshValue[GroupDefinitions] | None,
    FreshValue[TrophyDefinitions] | None,
    FreshValue[EarnedTrophyStates] | None,
]

ROW_PARTS = Part.TITLE | Part.TITLE_PROGRESS  # what the row of a title list has


@dataclass(frozen=True)
class TitleContents:
    """Trophies, groups and progress of titles, as far as the viewer may see them."""

    accounts: Accounts
    definitions: Definitions
    earned_state: EarnedState

    async def get_contents(
        self, keys: Sequence[ContentsKey]
    ) -> list[Cached[Contents] | ProviderError]:
        """Return the wanted parts of each key's title, or the key's error."""
        return await gather_outcomes(await self.start_contents(keys))

    async def start_contents(
        self, keys: Sequence[ContentsKey]
    ) -> list[asyncio.Task[Cached[Contents]]]:
        """Start to load the wanted parts of each key's title, so that none waits for the others."""
        parts_by_title = _merge_parts_by_title(keys)
        tasks: list[asyncio.Task[Cached[Contents]]] = []
        for key in keys:
            requested_parts = parts_by_title[_get_title_key(key)]
            tasks.append(start_detached(self._get_with_shared_calls(key, requested_parts)))
            # The calls of a title are sent before those of the next one are prepared.
            await asyncio.sleep(0)
        return tasks

    def find_in_memory(self, key: ContentsKey) -> Cached[Contents] | None:
        """Return the wanted parts if all of them are in memory and agree; None otherwise."""
        if key.handle is None or not _is_complete(key):
            return None
        found = self._find_results(key, key.handle)
        if found is None:
            return None
        groups, trophies, states = found
        results = CallResults(
            groups and groups.cached, trophies and trophies.cached, states and states.cached, None
        )
        contents = self._derive_contents(key, results)
        if contents is None:
            return None
        for each in found:
            if each is not None:
                each.note_served()
        return Cached(contents, min([each.fetched_at for each in results.loaded]))

    def _find_results(self, key: ContentsKey, handle: str) -> FoundResults | None:
        """Return the results of the calls if all of them are in memory; None for one not needed."""
        title, service, needs = key.title, key.title.service_name or "", find_needs(key.parts)
        groups = trophies = states = None
        if needs.groups:
            groups = self.definitions.find_groups(title, service)
            if groups is None:
                return None
        if needs.definitions:
            trophies = self.definitions.find_trophies(title, service)
            if trophies is None:
                return None
        # Last: of most titles that are not in memory, neither are the definitions.
        account = self.accounts.find_path_id(handle)
        if account is None:
            return None
        if needs.earned:
            states = self.earned_state.find_trophies(account, title, service)
            if states is None:
                return None
        return groups, trophies, states

    def _derive_contents(self, key: ContentsKey, results: CallResults) -> Contents | None:
        """Return the contents of these results, kept for the next time that they are the same."""

        def build() -> Contents | None:
            title, needs = key.title, find_needs(key.parts)
            trophies = merge_trophies(title, results)
            if has_contradictions(title, results) or needs_counted_progress(needs, trophies):
                return None
            return build_contents(title, needs, results, trophies).value

        parts = (key.title, *(each.value for each in results.loaded))
        return self.definitions.cached_api.cache.derived_values.get_or_compute(
            f"PSN.contents {key.parts.value}", parts, build, _count_records
        )

    def _get_with_shared_calls(
        self, key: ContentsKey, requested_parts: Part
    ) -> Coroutine[Any, Any, Cached[Contents]]:
        """Return one key's parts; `requested_parts` are those of all keys of the same title.

        If another key loads the trophies anyway, progress is derived from them without a call.
        """
        if find_needs(key.parts).progress and can_derive_progress(requested_parts):
            return self._get_with_trophies(key)
        return self._get_one(key)

    async def _get_with_trophies(self, key: ContentsKey) -> Cached[Contents]:
        widened_key = replace(key, parts=key.parts | PARTS_THAT_GIVE_PROGRESS)
        try:
            return await self._get_one(widened_key)
        except ProviderError:
            return await self._get_one(key)

    async def _get_one(self, key: ContentsKey) -> Cached[Contents]:
        parts = key.parts if key.handle is not None else key.parts & ~PLAYER_PARTS
        if parts is Part.NONE:
            return Cached(Contents(title=key.title), datetime.now(UTC))
        plan = await self._make_plan(key, parts)
        if plan.parts is Part.NONE:
            return Cached(Contents(title=plan.title), datetime.now(UTC))
        results = await self._reload_outdated(plan, await self._load_all(plan))
        title, needs = plan.title, find_needs(plan.parts)
        trophies = merge_trophies(title, results)
        if not results.progress and needs_counted_progress(needs, trophies):
            progress = await self._load_missing_progress(plan)
            results = replace(results, progress=progress)
        return build_contents(title, needs, results, trophies)

    async def _make_plan(self, key: ContentsKey, parts: Part) -> CallPlan:
        title, handle, account = key.title, key.handle, ""
        if handle is not None:
            found = self.accounts.find_path_id(handle)
            account = await self.accounts.resolve_path_id(handle) if found is None else found
        if title.service_name is None:
            row = await self._find_row(account, title)
            if row is not None:
                title, parts = row, parts & ~ROW_PARTS
        if title.service_name is None:
            title = replace(title, service_name=await self._find_service(title, parts))
        plan = CallPlan(title, title.service_name or "", account, parts)
        needs = find_needs(parts)
        if (
            needs.group_progress
            and not needs.title_progress
            and await self._has_cached_trophies(plan)
        ):
            return replace(plan, parts=parts | PARTS_THAT_GIVE_PROGRESS)
        return plan

    async def _find_row(self, account: str, title: Title) -> Title | None:
        """Return the account's cached row of a title of which only the id is known."""
        if not account or title.set_version is not None:
            return None
        cached_api = self.definitions.cached_api
        return await find_cached_row(cached_api, account, title.native_id)

    async def _find_service(self, title: Title, parts: Part) -> str:
        # Probe with the call whose result is needed anyway, so that the probe costs nothing.
        definitions = self.definitions
        probe = definitions.get_trophies if parts & Part.DEFINITIONS else definitions.get_groups
        return await definitions.find_service(title, probe)

    async def _has_cached_trophies(self, plan: CallPlan) -> bool:
        return await self.earned_state.has_cached(
            plan.account, plan.title
        ) and await self.definitions.has_cached(plan.title, plan.service)

    async def _load_all(self, plan: CallPlan) -> CallResults:
        needs = plan.needs
        loads = (
            self._load_groups(plan) if needs.groups else _load_nothing(),
            self._load_definitions(plan) if needs.definitions else _load_nothing(),
            self._load_earned(plan) if needs.earned else _load_nothing(),
        )
        progress = None
        if needs.progress:
            groups, definitions, earned, progress = await gather_started(
                *loads, self._load_progress(plan)
            )
        else:  # nearly always, and one task less
            groups, definitions, earned = await gather_started(*loads)
        # In this order: that the title does not exist says more than what its rows answer.
        return CallResults(
            _raise_if_error(groups),
            _raise_if_error(definitions),
            _raise_if_error(earned),
            _raise_if_error(progress),
        )

    async def _reload_outdated(self, plan: CallPlan, results: CallResults) -> CallResults:
        """Load the results again that another one contradicts; keep those that then fail."""
        outdated = find_outdated(plan.title, results)
        if not outdated:
            return results
        with bypass_cache(enabled=True):
            groups, definitions, earned, progress = await asyncio.gather(
                _load_again(self._load_groups, plan, results.groups, needed=outdated.groups),
                _load_again(
                    self._load_definitions, plan, results.definitions, needed=outdated.definitions
                ),
                _load_again(self._load_earned, plan, results.earned, needed=outdated.earned),
                _load_again(self._load_progress, plan, results.progress, needed=outdated.progress),
            )
        return CallResults(groups, definitions, earned, progress)

    def _load_groups(self, plan: CallPlan) -> Coroutine[Any, Any, Cached[GroupDefinitions]]:
        return self.definitions.get_groups(plan.title, plan.service)

    def _load_definitions(self, plan: CallPlan) -> Coroutine[Any, Any, Cached[TrophyDefinitions]]:
        return self.definitions.get_trophies(plan.title, plan.service)

    def _load_earned(self, plan: CallPlan) -> Coroutine[Any, Any, Cached[EarnedTrophyStates]]:
        return self.earned_state.get_trophies(plan.account, plan.title, plan.service)

    def _load_progress(self, plan: CallPlan) -> Coroutine[Any, Any, Cached[EarnedGroupStates]]:
        return self.earned_state.get_groups(plan.account, plan.title, plan.service)

    async def _load_missing_progress(self, plan: CallPlan) -> Cached[EarnedGroupStates] | None:
        """Load the progress that cannot be derived; None if that fails: the trophies are known."""
        try:
            return await self.earned_state.get_groups(plan.account, plan.title, plan.service)
        except ProviderError:
            return None


async def _load_nothing() -> None:
    """Stand for a call that is not needed."""


async def _load_again(
    load: Callable[[CallPlan], Awaitable[T]], plan: CallPlan, previous: T | None, *, needed: bool
) -> T | None:
    if not needed:
        return previous
    try:
        return await load(plan)
    except ProviderError:
        return previous


def _is_complete(key: ContentsKey) -> bool:
    """Return whether the account's row describes the title, and no call counts the progress."""
    title, parts = key.title, key.parts
    if parts is Part.NONE or find_needs(parts).progress:
        return False
    return bool(title.service_name and title.set_version and title.defined_counts)


def _count_records(contents: Contents | None) -> int:
    return len((contents and contents.achievements) or ())


def _get_title_key(key: ContentsKey) -> tuple[str | None, str]:
    return key.handle, key.title.native_id


def _merge_parts_by_title(keys: Sequence[ContentsKey]) -> dict[tuple[str | None, str], Part]:
    parts_by_title: dict[tuple[str | None, str], Part] = {}
    for key in keys:
        title_key = _get_title_key(key)
        parts_by_title[title_key] = parts_by_title.get(title_key, Part.NONE) | key.parts
    return parts_by_title


def _raise_if_error(result: T | BaseException) -> T:
    if isinstance(result, BaseException):
        raise result
    return result
