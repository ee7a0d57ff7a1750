"""A title's contents, put together from as few calls as the wanted parts need, all at once."""

import asyncio
import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from msgspec.structs import replace

from providers.capabilities import ContentsKey
from providers.errors import ProviderError
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached
from providers.psn.cached_records import (
    EarnedGroupStates,
    EarnedTrophyStates,
    GroupDefinitions,
    TrophyDefinitions,
)
from providers.psn.people.accounts import Accounts
from providers.psn.trophies import merge
from providers.psn.trophies.call_plan import (
    PARTS_THAT_GIVE_PROGRESS,
    PLAYER_PARTS,
    PROGRESS_PARTS,
    CallPlan,
    CallResults,
    can_derive_progress,
)
from providers.psn.trophies.definitions import Definitions
from providers.psn.trophies.earned import EarnedState
from providers.records import Achievement, Contents, Group, Part, Title

T = TypeVar("T")


@dataclass(frozen=True)
class TitleContents:
    """What is inside titles, as one viewer sees it."""

    accounts: Accounts
    definitions: Definitions
    earned_state: EarnedState

    async def get_contents(
        self, keys: Sequence[ContentsKey]
    ) -> list[Cached[Contents] | ProviderError]:
        """The wanted parts of many titles."""
        parts_by_title = _merge_parts_by_title(keys)
        return await gather_outcomes(
            [self._get_with_shared_calls(key, parts_by_title[_get_title_key(key)]) for key in keys]
        )

    async def _get_with_shared_calls(
        self, key: ContentsKey, requested_parts: Part
    ) -> Cached[Contents]:
        """The parts of one key, whose title may be asked for others by other keys."""
        needs_progress = key.parts & PROGRESS_PARTS and not can_derive_progress(key.parts)
        if not (needs_progress and can_derive_progress(requested_parts)):
            return await self._get_one(key)
        widened_key = dataclasses.replace(key, parts=key.parts | PARTS_THAT_GIVE_PROGRESS)
        try:
            return await self._get_one(widened_key)
        except ProviderError:
            return await self._get_one(key)

    async def _get_one(self, key: ContentsKey) -> Cached[Contents]:
        parts = key.parts if key.handle is not None else key.parts & ~PLAYER_PARTS
        if not parts:
            return Cached(Contents(title=key.title), datetime.now(UTC))
        account = "" if key.handle is None else await self.accounts.resolve_path_id(key.handle)
        service = await self._find_service(key.title, parts)
        plan = CallPlan(replace(key.title, service_name=service), service, account, parts)
        if plan.parts & PROGRESS_PARTS == Part.GROUP_PROGRESS and await self._has_cached_progress(
            plan
        ):
            plan = dataclasses.replace(plan, parts=plan.parts | PARTS_THAT_GIVE_PROGRESS)
        loaded = await self._load_all(plan)
        trophies = _merge_trophies(loaded)
        if (
            plan.parts & PROGRESS_PARTS
            and not loaded.progress
            and merge.has_unknown_trophies(trophies)
        ):
            loaded = dataclasses.replace(loaded, progress=await self._load_missing_progress(plan))
        return _build_contents(plan, loaded, trophies)

    async def _find_service(self, title: Title, parts: Part) -> str:
        # Probed by a call whose answer is needed anyway, where one is.
        definitions = self.definitions
        probe = definitions.get_trophies if parts & Part.DEFINITIONS else definitions.get_groups
        return await definitions.find_service(title, probe)

    async def _has_cached_progress(self, plan: CallPlan) -> bool:
        """Whether the trophies, which tell how far the player is in each group, are there."""
        return await self.earned_state.has_cached(
            plan.account, plan.title
        ) and await self.definitions.has_cached(plan.title, plan.service)

    async def _load_all(self, plan: CallPlan) -> CallResults:
        groups, definitions, earned, progress = await asyncio.gather(
            self._load_groups(plan),
            self._load_definitions(plan),
            self._load_earned(plan),
            self._load_progress(plan),
            return_exceptions=True,
        )
        return CallResults(
            _raise_if_error(groups),
            _raise_if_error(definitions),
            _raise_if_error(earned),
            _raise_if_error(progress),
        )

    async def _load_groups(self, plan: CallPlan) -> Cached[GroupDefinitions] | None:
        definitions = self.definitions
        return await definitions.get_groups(plan.title, plan.service) if plan.needs_groups else None

    async def _load_definitions(self, plan: CallPlan) -> Cached[TrophyDefinitions] | None:
        definitions = self.definitions
        return (
            await definitions.get_trophies(plan.title, plan.service)
            if plan.needs_definitions
            else None
        )

    async def _load_earned(self, plan: CallPlan) -> Cached[EarnedTrophyStates] | None:
        if not plan.needs_earned:
            return None
        rarity = bool(plan.parts & Part.RARITY)
        return await self.earned_state.get_trophies(
            plan.account, plan.title, plan.service, rarity=rarity
        )

    async def _load_missing_progress(self, plan: CallPlan) -> Cached[EarnedGroupStates] | None:
        """The progress that the trophies were to tell and do not."""
        try:
            return await self.earned_state.get_groups(plan.account, plan.title, plan.service)
        except ProviderError:
            return None

    async def _load_progress(self, plan: CallPlan) -> Cached[EarnedGroupStates] | None:
        if not plan.needs_progress:
            return None
        return await self.earned_state.get_groups(plan.account, plan.title, plan.service)


def _get_title_key(key: ContentsKey) -> tuple[str | None, str]:
    return key.handle, key.title.native_id


def _merge_parts_by_title(keys: Sequence[ContentsKey]) -> dict[tuple[str | None, str], Part]:
    """What is wanted of each title by all keys together."""
    parts_by_title: dict[tuple[str | None, str], Part] = {}
    for key in keys:
        parts_by_title[_get_title_key(key)] = (
            parts_by_title.get(_get_title_key(key), Part.NONE) | key.parts
        )
    return parts_by_title


def _raise_if_error(result: T | BaseException) -> T:
    if isinstance(result, BaseException):
        raise result
    return result


def _build_contents(
    plan: CallPlan, results: CallResults, trophies: tuple[Achievement, ...] | None
) -> Cached[Contents]:
    contents = Contents(
        title=_merge_title(plan, results, trophies or ()),
        groups=_merge_groups(plan, results, trophies or ()),
        achievements=trophies,
    )
    fetched = min(part.fetched_at for part in results.answers)
    return Cached(contents, fetched, any(part.stale for part in results.answers))


def _merge_trophies(results: CallResults) -> tuple[Achievement, ...] | None:
    if results.definitions is None and results.earned is None:
        return None
    definitions = results.definitions and results.definitions.value.definitions
    return merge.merge_achievements(definitions, results.earned and results.earned.value.states)


def _merge_title(plan: CallPlan, results: CallResults, trophies: Sequence[Achievement]) -> Title:
    title = plan.title
    if results.groups is not None:
        title = merge.overlay(title, results.groups.value.title)
    if results.progress is not None:
        return merge.overlay(title, results.progress.value.title)
    if plan.parts & Part.TITLE_PROGRESS and results.earned is not None:
        updated = results.earned.value.last_updated_at
        return merge.overlay(
            title, merge.compute_title_progress(title.native_id, trophies, updated)
        )
    return title


def _merge_groups(
    plan: CallPlan, results: CallResults, trophies: Sequence[Achievement]
) -> tuple[Group, ...] | None:
    if not plan.parts & (Part.GROUPS | Part.GROUP_PROGRESS):
        return None
    defined = results.groups and results.groups.value.groups
    if results.progress is not None:
        return merge.merge_groups(defined, results.progress.value.groups)
    if plan.parts & Part.GROUP_PROGRESS:
        return merge.merge_groups(defined, merge.compute_group_progress(trophies))
    return defined
