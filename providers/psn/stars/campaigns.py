"""PlayStation Stars' campaigns, out of a programme that has ended and may answer in any way."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from providers.errors import (
    BadResponse,
    NotEnrolled,
    NotFound,
    ProviderError,
    RateLimited,
    Retired,
    Unavailable,
)
from providers.kit.caching.cached import Answer
from providers.kit.upstream.upstream_client import Reply
from providers.psn import errors
from providers.psn.cache_policies import CAMPAIGN, CAMPAIGNS, STARS_ENDED
from providers.psn.identifiers import check_campaign
from providers.psn.persisted.models import GraphqlError
from providers.psn.persisted.operations import Persisted, read_errors
from providers.psn.stars import campaign_mapping
from providers.psn.stars.models import DetailAnswer, ListAnswer
from providers.psn.urls import SOURCE
from providers.records import Campaign

LIST, DETAIL = "metGetCampaignGroup", "metLoyaltyCampaignByIdRetrieve"
ENDED = datetime(2026, 11, 2, tzinfo=UTC)
NOT_ENROLLED = "not enrolled"
DENIED = "Access denied"
PASSING = {502, 503, 504}
TOO_MANY, INTERNAL = 429, 500


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Campaigns:
    """The viewer's own campaigns."""

    persisted: Persisted
    now: Callable[[], datetime] = _now

    async def campaigns(self) -> Answer[tuple[Campaign, ...]]:
        """All campaigns of all groups."""
        await self._check_ended()
        return await self.persisted.connection.remember(CAMPAIGNS, (), self._load_all)

    async def campaign(self, native_id: str) -> Answer[Campaign]:
        """One campaign with its tasks."""
        check_campaign(native_id)
        await self._check_ended()
        key = native_id.lower()
        load = partial(self._load_one, key)
        return await self.persisted.connection.remember(CAMPAIGN, (key,), load)

    async def _load_all(self) -> tuple[Campaign, ...]:
        reply = await self._ask(LIST, {})
        await self._check(reply)
        root = reply.decode(ListAnswer).data
        groups = (root.groups if root else None) or []
        found = tuple(
            campaign_mapping.campaign(row, group) for group in groups for row in group.campaigns
        )
        if not found and self.now() >= ENDED:
            raise await self._ended()
        return found

    async def _load_one(self, native_id: str) -> Campaign:
        reply = await self._ask(DETAIL, {"campaignId": native_id})
        failed = read_errors(reply)
        row = None
        if not failed or failed[0].behind not in (errors.NOT_FOUND, INTERNAL):
            await self._check(reply)
            root = reply.decode(DetailAnswer).data
            row = root.campaign if root else None
        if row is None:
            # Not eligible, no such campaign, or the end of them all: the list knows which.
            for listed in (await self.campaigns()).value:
                if listed.native_id.lower() == native_id:
                    return listed
            raise NotFound("There is no such campaign for this account.", source=SOURCE)
        return campaign_mapping.campaign(row)

    async def _ask(self, name: str, variables: dict[str, object]) -> Reply:
        try:
            return await self.persisted.ask(name, variables)
        except Retired:
            raise await self._ended() from None

    async def _check(self, reply: Reply) -> None:
        """Errors come with status 200 and are read before the data."""
        for error in read_errors(reply)[:1]:
            raise await self._meaning(error)

    async def _meaning(self, error: GraphqlError) -> ProviderError:
        if NOT_ENROLLED in error.message.lower():
            return NotEnrolled("The account is not in PlayStation Stars.", source=SOURCE)
        caller = self.persisted.connection.caller
        if error.message.startswith(DENIED) or error.behind == errors.UNAUTHORIZED:
            return errors.unauthenticated(caller=caller)
        if error.behind == TOO_MANY:
            return RateLimited("The source asks to wait.", source=SOURCE)
        if error.behind in PASSING:
            return Unavailable("The source is failing.", source=SOURCE)
        if error.behind is None:
            return BadResponse("The source refused the question.", source=SOURCE)
        return await self._ended()

    async def _check_ended(self) -> None:
        if await self.persisted.connection.recall(STARS_ENDED) is not None:
            raise self._retired()

    async def _ended(self) -> Retired:
        """From now on the source is left alone for a while."""
        await self.persisted.connection.keep(STARS_ENDED, value=True)
        return self._retired()

    @staticmethod
    def _retired() -> Retired:
        return Retired("PlayStation Stars has ended.", source=SOURCE)
