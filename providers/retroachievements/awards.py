"""Loads and maps site awards."""

import re
from datetime import datetime

from msgspec.structs import astuple

from providers.kit.caching.cached import Cached
from providers.kit.upstream.decode import build_unreadable_error, parse_time
from providers.records import Award, AwardKind, Awards, AwardSummary, UnlockMode
from providers.retroachievements.api import RetroAchievementsApi
from providers.retroachievements.cache_policies import AWARDS
from providers.retroachievements.cached_api import CachedApi
from providers.retroachievements.identifiers import SOURCE
from providers.retroachievements.images import map_image
from providers.retroachievements.mapping import map_unlock_mode
from providers.retroachievements.models import UserAward, UserAwards, convert_to_list
from providers.retroachievements.profiles import get_profile

MASTERY_TYPE = "Mastery/Completion"
BEATEN_TYPE = "Game Beaten"

GAME_AWARD_KINDS: dict[tuple[str, int | None], AwardKind] = {
    (MASTERY_TYPE, 1): AwardKind.MASTERED,
    (MASTERY_TYPE, 0): AwardKind.COMPLETED,
    (BEATEN_TYPE, 1): AwardKind.BEATEN_HARDCORE,
    (BEATEN_TYPE, 0): AwardKind.BEATEN_SOFTCORE,
}
SITE_AWARD_KINDS = {
    "Event": AwardKind.EVENT,
    "Site Event": AwardKind.SITE_EVENT,
    "Achievement Unlocks Yield": AwardKind.UNLOCKS_YIELD,
    "Achievement Points Yield": AwardKind.POINTS_YIELD,
    "Patreon Supporter": AwardKind.PATREON_SUPPORTER,
    "Certified Legend": AwardKind.CERTIFIED_LEGEND,
    "Playtest": AwardKind.PLAYTEST,
    "Media Contribution": AwardKind.MEDIA_CONTRIBUTION,
}
NON_ALPHANUMERIC = re.compile(r"[^a-z0-9]+")


async def get_awards(cached_api: CachedApi, handle: str) -> Cached[Awards]:
    """Return the awards; raise `NotFound` for an unknown account."""

    async def load() -> Awards:
        awards = await load_awards(cached_api.api, handle)
        # An unknown account is answered like one without awards.
        if _is_empty(awards):
            await get_profile(cached_api, handle)
        return awards

    return await cached_api.get_or_load(AWARDS, (handle.lower(),), load)


async def load_awards(api: RetroAchievementsApi, handle: str) -> Awards:
    """Load all awards of an account, without the cache; they come in one response."""
    reply = await api.get("GetUserAwards", u=handle)
    response = reply.decode(UserAwards)
    if response.visible_user_awards is None and response.total_awards_count is None:
        raise build_unreadable_error(SOURCE)
    return map_awards(response, api.media_url)


def map_awards(response: UserAwards, media_url: str) -> Awards:
    """Map the visible awards, newest first, and the counts."""
    awards = [
        _map_award(award, media_url) for award in convert_to_list(response.visible_user_awards)
    ]
    unique = {award.native_id: award for award in awards}
    return Awards(
        awards=tuple(sorted(unique.values(), key=_get_sort_key)), summary=_map_summary(response)
    )


def _map_award(row: UserAward, media_url: str) -> Award:
    awarded_at = parse_time(row.awarded_at)
    # `AwardData` and `AwardDataExtra` mean a game and a mode in these two types alone.
    is_for_game = row.award_type in (MASTERY_TYPE, BEATEN_TYPE)
    return Award(
        native_id=_build_native_id(row, awarded_at),
        kind=_map_kind(row),
        raw_type=row.award_type,
        name=row.title,
        awarded_at=awarded_at,
        icon=map_image(media_url, row.image_icon),
        mode=_map_mode(row.award_data_extra) if is_for_game else None,
        platform_id=None if row.console_id is None else str(row.console_id),
        platform_name=row.console_name,
        display_order=row.display_order,
        flags=row.flags,
        native_data=row.award_data,
        native_data_extra=row.award_data_extra,
        title_id=str(row.award_data) if is_for_game and row.award_data else None,
    )


def _is_empty(awards: Awards) -> bool:
    summary = awards.summary
    return not awards.awards and (summary is None or not any(astuple(summary)))


def _map_kind(row: UserAward) -> AwardKind:
    game_kind = GAME_AWARD_KINDS.get((row.award_type, row.award_data_extra))
    return game_kind or SITE_AWARD_KINDS.get(row.award_type, AwardKind.OTHER)


def _map_mode(extra: int | None) -> UnlockMode | None:
    return map_unlock_mode(hardcore=extra == 1) if extra in (0, 1) else None


def _build_native_id(row: UserAward, awarded_at: datetime | None) -> str:
    # The upstream has no ids for awards; these members of one never change.
    kind = NON_ALPHANUMERIC.sub("-", row.award_type.lower()).strip("-")
    moment = None if awarded_at is None else int(awarded_at.timestamp())
    numbers = (row.award_data, row.award_data_extra, moment)
    return ".".join((kind, *("" if number is None else str(number) for number in numbers)))


def _get_sort_key(award: Award) -> tuple[float, float]:
    moment, order = award.awarded_at, award.display_order
    return (
        float("inf") if moment is None else -moment.timestamp(),
        float("inf") if order is None else order,
    )


def _map_summary(response: UserAwards) -> AwardSummary | None:
    counts = {
        "total": response.total_awards_count,
        "hidden": response.hidden_awards_count,
        "mastery": response.mastery_awards_count,
        "completion": response.completion_awards_count,
        "beaten_hardcore": response.beaten_hardcore_awards_count,
        "beaten_softcore": response.beaten_softcore_awards_count,
        "event": response.event_awards_count,
        "site": response.site_awards_count,
    }
    known = {name: count for name, count in counts.items() if count is not None}
    return AwardSummary(**known) if len(known) == len(counts) else None
