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
    SourceRetired,
    Unavailable,
)
from providers.kit.caching.cached import Cached
from providers.kit.upstream.upstream_client import UpstreamResponse
from providers.psn import errors
from providers.psn.cache_policies import CAMPAIGN, CAMPAIGNS, STARS_ENDED
from providers.psn.identifiers import check_campaign
from providers.psn.persisted.models import GraphqlError
from providers.psn.persisted.operations import PersistedOperations, read_errors
from providers.psn.stars import campaign_mapping
from providers.psn.stars.models import CampaignDetailResponse, CampaignListResponse
from providers.psn.urls import SOURCE
from providers.psn_records import Campaign

LIST_OPERATION, DETAIL_OPERATION = "metGetCampaignGroup", "metLoyaltyCampaignByIdRetrieve"
PROGRAMME_END = datetime(2026, 11, 2, tzinfo=UTC)
NOT_ENROLLED_TEXT = "not enrolled"
ACCESS_DENIED_TEXT = "Access denied"
TEMPORARY_STATUSES = {502, 503, 504}
TOO_MANY_REQUESTS, INTERNAL_ERROR = 429, 500


def _get_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Campaigns:
    """The viewer's own campaigns."""

    operations: PersistedOperations
    now: Callable[[], datetime] = _get_now

    async def get_campaigns(self) -> Cached[tuple[Campaign, ...]]:
        """All campaigns of all groups."""
        await self._check_not_ended()
        return await self.operations.api.get_or_load(CAMPAIGNS, (), self._load_all)

    async def get_campaign(self, native_id: str) -> Cached[Campaign]:
        """One campaign with its tasks."""
        check_campaign(native_id)
        await self._check_not_ended()
        key = native_id.lower()
        load = partial(self._load_one, key)
        return await self.operations.api.get_or_load(CAMPAIGN, (key,), load)

    async def _load_all(self) -> tuple[Campaign, ...]:
        reply = await self._run(LIST_OPERATION, {})
        await self._check_errors(reply)
        root = reply.decode(CampaignListResponse).data
        groups = (root.groups if root else None) or []
        found = tuple(
            campaign_mapping.map_campaign(row, group) for group in groups for row in group.campaigns
        )
        if not found and self.now() >= PROGRAMME_END:
            raise await self._store_ended()
        return found

    async def _load_one(self, native_id: str) -> Campaign:
        reply = await self._run(DETAIL_OPERATION, {"campaignId": native_id})
        graphql_errors = read_errors(reply)
        row = None
        if not graphql_errors or graphql_errors[0].upstream_status not in (
            errors.NOT_FOUND,
            INTERNAL_ERROR,
        ):
            await self._check_errors(reply)
            root = reply.decode(CampaignDetailResponse).data
            row = root.campaign if root else None
        if row is None:
            # Not eligible, no such campaign, or the end of them all: the list knows which.
            for listed in (await self.get_campaigns()).value:
                if listed.native_id.lower() == native_id:
                    return listed
            raise NotFound("There is no such campaign for this account.", source=SOURCE)
        return campaign_mapping.map_campaign(row)

    async def _run(self, name: str, variables: dict[str, object]) -> UpstreamResponse:
        try:
            return await self.operations.run(name, variables)
        except SourceRetired:
            raise await self._store_ended() from None

    async def _check_errors(self, reply: UpstreamResponse) -> None:
        """Errors come with status 200 and are read before the data."""
        for error in read_errors(reply)[:1]:
            raise await self._map_error(error)

    async def _map_error(self, error: GraphqlError) -> ProviderError:
        if NOT_ENROLLED_TEXT in error.message.lower():
            return NotEnrolled("The account is not in PlayStation Stars.", source=SOURCE)
        caller = self.operations.api.is_caller
        if (
            error.message.startswith(ACCESS_DENIED_TEXT)
            or error.upstream_status == errors.UNAUTHORIZED
        ):
            return errors.build_unauthenticated(is_caller=caller)
        if error.upstream_status == TOO_MANY_REQUESTS:
            return RateLimited("The source asks to wait.", source=SOURCE)
        if error.upstream_status in TEMPORARY_STATUSES:
            return Unavailable("The source is failing.", source=SOURCE)
        if error.upstream_status is None:
            return BadResponse("The source refused the question.", source=SOURCE)
        return await self._store_ended()

    async def _check_not_ended(self) -> None:
        if await self.operations.api.get_cached(STARS_ENDED) is not None:
            raise self._build_retired()

    async def _store_ended(self) -> SourceRetired:
        """From now on the source is left alone for a while."""
        await self.operations.api.set_cached(STARS_ENDED, value=True)
        return self._build_retired()

    @staticmethod
    def _build_retired() -> SourceRetired:
        return SourceRetired("PlayStation Stars has ended.", source=SOURCE)
