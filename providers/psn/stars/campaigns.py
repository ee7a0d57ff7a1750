"""Loads the viewer's PlayStation Stars campaigns.

Sony ends the programme on 2 November 2026. After that the API may answer with an empty list, with
errors, or not know the operations any more: all of these become `SourceRetired`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from providers.errors import NotEnrolled, NotFound, ProviderError, SourceRetired, Unavailable
from providers.kit.caching.cached import Cached
from providers.kit.upstream.upstream_client import UpstreamResponse
from providers.psn import errors
from providers.psn.cache_policies import CAMPAIGN, CAMPAIGNS, STARS_ENDED
from providers.psn.cached_api import CachedApi
from providers.psn.identifiers import check_campaign
from providers.psn.persisted.models import GraphqlError
from providers.psn.persisted.operations import PersistedOperations, read_errors
from providers.psn.stars.campaign_mapping import map_campaign
from providers.psn.stars.models import CampaignDetailResponse, CampaignListResponse, CampaignRow
from providers.psn.urls import SOURCE
from providers.psn_records import Campaign

LIST_OPERATION, DETAIL_OPERATION = "metGetCampaignGroup", "metLoyaltyCampaignByIdRetrieve"
PROGRAMME_END = datetime(2026, 11, 2, tzinfo=UTC)
NOT_ENROLLED_TEXT = "not enrolled"
ACCESS_DENIED_TEXT = "Access denied"
TEMPORARY_STATUSES = {502, 503, 504}
TOO_MANY_REQUESTS, INTERNAL_ERROR = 429, 500
# The detail operation answers these for a campaign that is unknown or not open to the account.
DETAIL_MISSING_STATUSES = {errors.NOT_FOUND, INTERNAL_ERROR}


def _get_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Campaigns:
    """Campaigns of the viewer's own account."""

    cached_api: CachedApi
    operations: PersistedOperations
    now: Callable[[], datetime] = _get_now

    async def get_campaigns(self) -> Cached[tuple[Campaign, ...]]:
        """Return all campaigns, without their tasks."""
        await self._check_not_ended()
        return await self.cached_api.get_or_load(CAMPAIGNS, (), self._load_all)

    async def get_campaign(self, native_id: str) -> Cached[Campaign]:
        """Return one campaign with its tasks; `NotFound` if the account cannot see it."""
        check_campaign(native_id)
        await self._check_not_ended()
        key = native_id.lower()
        load = partial(self._load_one, key)
        return await self.cached_api.get_or_load(CAMPAIGN, (key,), load)

    async def _load_all(self) -> tuple[Campaign, ...]:
        reply = await self._run(LIST_OPERATION, {})
        await self._check_errors(reply)
        data = reply.decode(CampaignListResponse).data
        groups = (data.groups if data else None) or []
        campaigns = tuple(map_campaign(row, group) for group in groups for row in group.campaigns)
        if not campaigns and self.now() >= PROGRAMME_END:
            raise await self._store_ended()
        return campaigns

    async def _load_one(self, native_id: str) -> Campaign:
        row = await self._load_detail(native_id)
        if row is not None:
            return map_campaign(row)
        # The list tells a campaign that is only not available in detail from one that does not
        # exist, and from the end of the programme.
        for campaign in (await self.get_campaigns()).value:
            if campaign.native_id.lower() == native_id:
                return campaign
        raise NotFound("This account has no campaign with this id.", source=SOURCE)

    async def _load_detail(self, native_id: str) -> CampaignRow | None:
        reply = await self._run(DETAIL_OPERATION, {"campaignId": native_id})
        graphql_errors = read_errors(reply)
        if graphql_errors and graphql_errors[0].upstream_status in DETAIL_MISSING_STATUSES:
            return None
        await self._check_errors(reply)
        data = reply.decode(CampaignDetailResponse).data
        return data.campaign if data else None

    async def _run(self, name: str, variables: dict[str, object]) -> UpstreamResponse:
        try:
            return await self.operations.run(name, variables)
        except SourceRetired:
            raise await self._store_ended() from None

    async def _check_errors(self, reply: UpstreamResponse) -> None:
        # GraphQL errors come with status 200, beside data that is null or empty.
        for error in read_errors(reply)[:1]:
            raise await self._map_error(error)

    async def _map_error(self, error: GraphqlError) -> ProviderError:
        if NOT_ENROLLED_TEXT in error.message.lower():
            message = "This account has not joined PlayStation Stars."
            return NotEnrolled(message, source=SOURCE)
        is_access_denied = error.message.startswith(ACCESS_DENIED_TEXT)
        if is_access_denied or error.upstream_status == errors.UNAUTHORIZED:
            is_caller = self.cached_api.api.is_caller
            return errors.build_unauthenticated_error(is_caller=is_caller)
        if error.upstream_status == TOO_MANY_REQUESTS:
            return errors.build_rate_limited_error()
        if error.upstream_status in TEMPORARY_STATUSES:
            message = "PlayStation Stars is temporarily unavailable."
            return Unavailable(message, source=SOURCE)
        if error.upstream_status is None:
            return errors.build_unexpected_error()
        return await self._store_ended()

    async def _check_not_ended(self) -> None:
        if await self.cached_api.get_cached(STARS_ENDED) is not None:
            raise _build_ended_error()

    async def _store_ended(self) -> SourceRetired:
        """Cache that the programme has ended, so that no call is made for an hour."""
        await self.cached_api.set_cached(STARS_ENDED, value=True)
        return _build_ended_error()


def _build_ended_error() -> SourceRetired:
    return SourceRetired("PlayStation Stars has ended.", source=SOURCE)
