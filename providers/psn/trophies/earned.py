"""What an account did in a title: known again by the title's row, which changes with it."""

from dataclasses import dataclass
from functools import partial

from providers.kit.caching.cached import Cached
from providers.kit.caching.policy import CachePolicy
from providers.kit.text import quote_segment
from providers.kit.upstream.decode import parse_time
from providers.psn import errors
from providers.psn.api import PsnApi
from providers.psn.cache_policies import (
    EARNED,
    EARNED_ANY_VERSION,
    EARNED_GROUPS,
    EARNED_GROUPS_ANY_VERSION,
    EARNED_WITH_RARITY,
)
from providers.psn.cached_records import EarnedGroupStates, EarnedTrophyStates
from providers.psn.trophies import title_mapping, trophy_mapping
from providers.psn.trophies.definitions import fetch_all_pages
from providers.psn.trophies.models import TrophyGroupsResponse
from providers.records import Title


@dataclass(frozen=True)
class EarnedState:
    """What accounts did, as one viewer sees it."""

    api: PsnApi

    async def get_trophies(
        self, account: str, title: Title, service: str, *, rarity: bool
    ) -> Cached[EarnedTrophyStates]:
        """The account's rows of a title's trophies."""
        policy = EARNED_WITH_RARITY if rarity and title.earned_version else _choose_policy(title)
        load = partial(self._load_trophies, account, title.native_id, service)
        return await self.api.get_or_load(policy, _build_key(account, title), load)

    async def has_cached(self, account: str, title: Title) -> bool:
        """Whether the rows are there without a question."""
        return (
            await self.api.get_cached(_choose_policy(title), *_build_key(account, title))
            is not None
        )

    async def get_groups(
        self, account: str, title: Title, service: str
    ) -> Cached[EarnedGroupStates]:
        """The account's row of a title and of its groups."""
        policy = EARNED_GROUPS if title.earned_version else EARNED_GROUPS_ANY_VERSION
        load = partial(self._load_groups, account, title.native_id, service)
        return await self.api.get_or_load(policy, _build_key(account, title), load)

    async def _load_trophies(
        self, account: str, native_id: str, service: str
    ) -> EarnedTrophyStates:
        url = f"{self._build_url(account, native_id)}/trophyGroups/all/trophies"
        pages = await fetch_all_pages(self.api, url, service, errors.TROPHY_PLAYER_RULES)
        found = (trophy_mapping.map_state(row) for page in pages for row in page.trophies)
        return EarnedTrophyStates(last_updated_at=parse_time(pages[0].updated), states=tuple(found))

    async def _load_groups(self, account: str, native_id: str, service: str) -> EarnedGroupStates:
        url = f"{self._build_url(account, native_id)}/trophyGroups"
        params = {"npServiceName": service}
        reply = await self.api.get(url, errors.TROPHY_PLAYER_RULES, params)
        return title_mapping.map_earned_groups(native_id, reply.decode(TrophyGroupsResponse))

    def _build_url(self, account: str, native_id: str) -> str:
        users = f"{self.api.urls.trophies}/users/{account}"
        return f"{users}/npCommunicationIds/{quote_segment(native_id)}"


def _choose_policy(title: Title) -> CachePolicy[EarnedTrophyStates]:
    return EARNED if title.earned_version else EARNED_ANY_VERSION


def _build_key(account: str, title: Title) -> tuple[str, ...]:
    return (account, title.native_id, title.earned_version or "")
