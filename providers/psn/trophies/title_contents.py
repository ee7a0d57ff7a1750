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
from providers.kit.caching.cache import gather
from providers.kit.caching.cached import Answer
from providers.psn.cached_records import (
    DefinedGroups,
    DefinedTrophies,
    EarnedGroups,
    EarnedTrophies,
)
from providers.psn.people.accounts import Accounts
from providers.psn.trophies import merge
from providers.psn.trophies.call_plan import (
    OF_PLAYER,
    OF_PROGRESS,
    TELL_PROGRESS,
    Loaded,
    Plan,
    tells_progress,
)
from providers.psn.trophies.definitions import Definitions
from providers.psn.trophies.earned import Standings
from providers.records import Achievement, Contents, Group, Part, Title

T = TypeVar("T")


@dataclass(frozen=True)
class TitleContents:
    """What is inside titles, as one viewer sees it."""

    accounts: Accounts
    definitions: Definitions
    standings: Standings

    async def contents(self, keys: Sequence[ContentsKey]) -> list[Answer[Contents] | ProviderError]:
        """The wanted parts of many titles."""
        wanted = _wanted_of_each(keys)
        return await gather([self._alongside(key, wanted[_place(key)]) for key in keys])

    async def _alongside(self, key: ContentsKey, wanted: Part) -> Answer[Contents]:
        """The parts of one key, whose title may be asked for others by other keys."""
        asks = key.wanted & OF_PROGRESS and not tells_progress(key.wanted)
        if not (asks and tells_progress(wanted)):
            return await self._one(key)
        told = dataclasses.replace(key, wanted=key.wanted | TELL_PROGRESS)
        try:
            return await self._one(told)
        except ProviderError:
            return await self._one(key)

    async def _one(self, key: ContentsKey) -> Answer[Contents]:
        wanted = key.wanted if key.handle is not None else key.wanted & ~OF_PLAYER
        if not wanted:
            return Answer(Contents(title=key.title), datetime.now(UTC))
        account = "" if key.handle is None else await self.accounts.path(key.handle)
        service = await self._service(key.title, wanted)
        plan = Plan(replace(key.title, service_name=service), service, account, wanted)
        if plan.wanted & OF_PROGRESS == Part.GROUP_PROGRESS and await self._tells_progress(plan):
            plan = dataclasses.replace(plan, wanted=plan.wanted | TELL_PROGRESS)
        loaded = await self._load(plan)
        trophies = _trophies(loaded)
        if plan.wanted & OF_PROGRESS and not loaded.progress and merge.are_unknown(trophies):
            loaded = dataclasses.replace(loaded, progress=await self._told_progress(plan))
        return _answer(plan, loaded, trophies)

    async def _service(self, title: Title, wanted: Part) -> str:
        # Probed by a call whose answer is needed anyway, where one is.
        known = self.definitions
        probe = known.trophies if wanted & Part.DEFINITIONS else known.groups
        return await known.service(title, probe)

    async def _tells_progress(self, plan: Plan) -> bool:
        """Whether the trophies, which tell how far the player is in each group, are there."""
        return await self.standings.remembers(
            plan.account, plan.title
        ) and await self.definitions.remembers(plan.title, plan.service)

    async def _load(self, plan: Plan) -> Loaded:
        groups, definitions, earned, progress = await asyncio.gather(
            self._groups(plan),
            self._definitions(plan),
            self._earned(plan),
            self._progress(plan),
            return_exceptions=True,
        )
        return Loaded(_sound(groups), _sound(definitions), _sound(earned), _sound(progress))

    async def _groups(self, plan: Plan) -> Answer[DefinedGroups] | None:
        known = self.definitions
        return await known.groups(plan.title, plan.service) if plan.groups else None

    async def _definitions(self, plan: Plan) -> Answer[DefinedTrophies] | None:
        known = self.definitions
        return await known.trophies(plan.title, plan.service) if plan.definitions else None

    async def _earned(self, plan: Plan) -> Answer[EarnedTrophies] | None:
        if not plan.earned:
            return None
        rarity = bool(plan.wanted & Part.RARITY)
        return await self.standings.trophies(plan.account, plan.title, plan.service, rarity=rarity)

    async def _told_progress(self, plan: Plan) -> Answer[EarnedGroups] | None:
        """The progress that the trophies were to tell and do not."""
        try:
            return await self.standings.groups(plan.account, plan.title, plan.service)
        except ProviderError:
            return None

    async def _progress(self, plan: Plan) -> Answer[EarnedGroups] | None:
        if not plan.progress:
            return None
        return await self.standings.groups(plan.account, plan.title, plan.service)


def _place(key: ContentsKey) -> tuple[str | None, str]:
    return key.handle, key.title.native_id


def _wanted_of_each(keys: Sequence[ContentsKey]) -> dict[tuple[str | None, str], Part]:
    """What is wanted of each title by all keys together."""
    wanted: dict[tuple[str | None, str], Part] = {}
    for key in keys:
        wanted[_place(key)] = wanted.get(_place(key), Part.NOTHING) | key.wanted
    return wanted


def _sound(result: T | BaseException) -> T:
    if isinstance(result, BaseException):
        raise result
    return result


def _answer(
    plan: Plan, loaded: Loaded, trophies: tuple[Achievement, ...] | None
) -> Answer[Contents]:
    contents = Contents(
        title=_title(plan, loaded, trophies or ()),
        groups=_groups(plan, loaded, trophies or ()),
        achievements=trophies,
    )
    fetched = min(part.fetched_at for part in loaded.parts)
    return Answer(contents, fetched, any(part.stale for part in loaded.parts))


def _trophies(loaded: Loaded) -> tuple[Achievement, ...] | None:
    if loaded.definitions is None and loaded.earned is None:
        return None
    definitions = loaded.definitions and loaded.definitions.value.definitions
    return merge.achievements(definitions, loaded.earned and loaded.earned.value.earnings)


def _title(plan: Plan, loaded: Loaded, trophies: Sequence[Achievement]) -> Title:
    title = plan.title
    if loaded.groups is not None:
        title = merge.overlaid(title, loaded.groups.value.title)
    if loaded.progress is not None:
        return merge.overlaid(title, loaded.progress.value.title)
    if plan.wanted & Part.TITLE_PROGRESS and loaded.earned is not None:
        updated = loaded.earned.value.last_updated_at
        return merge.overlaid(title, merge.progress_of_title(title.native_id, trophies, updated))
    return title


def _groups(
    plan: Plan, loaded: Loaded, trophies: Sequence[Achievement]
) -> tuple[Group, ...] | None:
    if not plan.wanted & (Part.GROUPS | Part.GROUP_PROGRESS):
        return None
    defined = loaded.groups and loaded.groups.value.groups
    if loaded.progress is not None:
        return merge.groups(defined, loaded.progress.value.groups)
    if plan.wanted & Part.GROUP_PROGRESS:
        return merge.groups(defined, merge.progress_of_groups(trophies))
    return defined
