"""What accounts have earned in a title, cached for an hour or until their row of it changes."""

from collections.abc import Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any

from providers.kit.caching.cache import FreshValue
from providers.kit.caching.cached import Cached
from providers.kit.caching.policy import CachePolicy
from providers.kit.text import quote_segment
from providers.kit.upstream.decode import parse_iso_time
from providers.psn import errors
from providers.psn.cache_policies import (
    EARNED,
    EARNED_ANY_VERSION,
    EARNED_GROUPS,
    EARNED_GROUPS_ANY_VERSION,
)
from providers.psn.cached_api import CachedApi
from providers.psn.cached_records import EarnedGroupStates, EarnedTrophyStates
from providers.psn.trophies import title_mapping, trophy_mapping
from providers.psn.trophies.models import TrophyGroupsResponse
from providers.psn.trophies.trophy_pages import load_trophies
from providers.records import Title


@dataclass(frozen=True)
class EarnedState:
    """Trophies and progress of accounts, as far as the viewer may see them."""

    cached_api: CachedApi

    def get_trophies(
        self, account: str, title: Title, service: str
    ) -> Coroutine[Any, Any, Cached[EarnedTrophyStates]]:
        """Return the account's rows of a title's trophies."""
        load = partial(self._load_trophies, account, title.native_id, service)
        key = _build_key(account, title)
        return self.cached_api.get_or_load(_choose_policy(title), key, load)

    def find_trophies(
        self, account: str, title: Title, service: str
    ) -> FreshValue[EarnedTrophyStates] | None:
        """Return the account's rows of a title's trophies if `get_trophies` would not wait."""
        load = partial(self._load_trophies, account, title.native_id, service)
        key = _build_key(account, title)
        return self.cached_api.find_fresh(_choose_policy(title), key, load)

    async def has_cached(self, account: str, title: Title) -> bool:
        """Return whether the account's rows of the title's trophies are cached."""
        key = _build_key(account, title)
        return await self.cached_api.get_cached(_choose_policy(title), *key) is not None

    def get_groups(
        self, account: str, title: Title, service: str
    ) -> Coroutine[Any, Any, Cached[EarnedGroupStates]]:
        """Return the account's progress in a title and in each of its groups."""
        policy = EARNED_GROUPS if title.earned_version else EARNED_GROUPS_ANY_VERSION
        load = partial(self._load_groups, account, title.native_id, service)
        return self.cached_api.get_or_load(policy, _build_key(account, title), load)

    async def _load_trophies(
        self, account: str, native_id: str, service: str
    ) -> EarnedTrophyStates:
        url = f"{self._build_url(account, native_id)}/trophyGroups/all/trophies"
        rules = errors.TROPHY_PLAYER_RULES
        response = await load_trophies(self.cached_api.api, url, service, rules)
        return EarnedTrophyStates(
            last_updated_at=parse_iso_time(response.updated),
            states=trophy_mapping.map_states(response.trophies),
        )

    async def _load_groups(self, account: str, native_id: str, service: str) -> EarnedGroupStates:
        url = f"{self._build_url(account, native_id)}/trophyGroups"
        params = {"npServiceName": service}
        reply = await self.cached_api.api.get(url, errors.TROPHY_PLAYER_RULES, params)
        return title_mapping.map_earned_groups(native_id, reply.decode(TrophyGroupsResponse))

    def _build_url(self, account: str, native_id: str) -> str:
        account_url = f"{self.cached_api.api.urls.trophies}/users/{account}"
        return f"{account_url}/npCommunicationIds/{quote_segment(native_id)}"


def _choose_policy(title: Title) -> CachePolicy[EarnedTrophyStates]:
    return EARNED if title.earned_version else EARNED_ANY_VERSION


def _build_key(account: str, title: Title) -> tuple[str, ...]:
    return (account, title.native_id, title.earned_version or "")
