"""What an account did in a title: known again by the title's row, which changes with it."""

from dataclasses import dataclass
from functools import partial

from providers.kit.caching.cached import Answer
from providers.kit.caching.policy import Kind
from providers.kit.text import segment
from providers.kit.upstream.decode import instant
from providers.psn import errors
from providers.psn.api import Connection
from providers.psn.cache_policies import (
    EARNED,
    EARNED_ANY_VERSION,
    EARNED_GROUPS,
    EARNED_GROUPS_ANY_VERSION,
    EARNED_WITH_RARITY,
)
from providers.psn.cached_records import EarnedGroups, EarnedTrophies
from providers.psn.trophies import title_mapping, trophy_mapping
from providers.psn.trophies.definitions import all_pages
from providers.psn.trophies.models import Groups
from providers.records import Title


@dataclass(frozen=True)
class Standings:
    """What accounts did, as one viewer sees it."""

    connection: Connection

    async def trophies(
        self, account: str, title: Title, service: str, *, rarity: bool
    ) -> Answer[EarnedTrophies]:
        """The account's rows of a title's trophies."""
        kind = EARNED_WITH_RARITY if rarity and title.earned_version else _earned(title)
        load = partial(self._trophies, account, title.native_id, service)
        return await self.connection.remember(kind, _key(account, title), load)

    async def remembers(self, account: str, title: Title) -> bool:
        """Whether the rows are there without a question."""
        return await self.connection.recall(_earned(title), *_key(account, title)) is not None

    async def groups(self, account: str, title: Title, service: str) -> Answer[EarnedGroups]:
        """The account's row of a title and of its groups."""
        kind = EARNED_GROUPS if title.earned_version else EARNED_GROUPS_ANY_VERSION
        load = partial(self._groups, account, title.native_id, service)
        return await self.connection.remember(kind, _key(account, title), load)

    async def _trophies(self, account: str, native_id: str, service: str) -> EarnedTrophies:
        url = f"{self._address(account, native_id)}/trophyGroups/all/trophies"
        pages = await all_pages(self.connection, url, service, errors.TROPHY_PLAYER)
        found = (trophy_mapping.earning(row) for page in pages for row in page.trophies)
        return EarnedTrophies(last_updated_at=instant(pages[0].updated), earnings=tuple(found))

    async def _groups(self, account: str, native_id: str, service: str) -> EarnedGroups:
        url = f"{self._address(account, native_id)}/trophyGroups"
        params = {"npServiceName": service}
        reply = await self.connection.get(url, errors.TROPHY_PLAYER, params)
        return title_mapping.earned_groups(native_id, reply.decode(Groups))

    def _address(self, account: str, native_id: str) -> str:
        users = f"{self.connection.hosts.trophies}/users/{account}"
        return f"{users}/npCommunicationIds/{segment(native_id)}"


def _earned(title: Title) -> Kind[EarnedTrophies]:
    return EARNED if title.earned_version else EARNED_ANY_VERSION


def _key(account: str, title: Title) -> tuple[str, ...]:
    return (account, title.native_id, title.earned_version or "")
