"""Site awards."""

import re
from datetime import datetime

from msgspec.structs import astuple

from providers.kit.caching.cached import Answer
from providers.kit.upstream.decode import instant
from providers.records import Award, AwardKind, Awards, AwardSummary, UnlockMode
from providers.retroachievements.achievement_mapping import unlock_mode
from providers.retroachievements.api import WebApi
from providers.retroachievements.cache_policies import AWARDS
from providers.retroachievements.cached_api import View
from providers.retroachievements.images import image
from providers.retroachievements.models import UserAward, UserAwards, rows
from providers.retroachievements.people import person

MASTERY = "Mastery/Completion"
BEATEN = "Game Beaten"

GAME_KINDS: dict[tuple[str, int | None], AwardKind] = {
    (MASTERY, 1): AwardKind.MASTERED,
    (MASTERY, 0): AwardKind.COMPLETED,
    (BEATEN, 1): AwardKind.BEATEN_HARDCORE,
    (BEATEN, 0): AwardKind.BEATEN_SOFTCORE,
}
SITE_KINDS = {
    "Event": AwardKind.EVENT,
    "Site Event": AwardKind.SITE_EVENT,
    "Achievement Unlocks Yield": AwardKind.UNLOCKS_YIELD,
    "Achievement Points Yield": AwardKind.POINTS_YIELD,
    "Patreon Supporter": AwardKind.PATREON_SUPPORTER,
    "Certified Legend": AwardKind.CERTIFIED_LEGEND,
    "Playtest": AwardKind.PLAYTEST,
    "Media Contribution": AwardKind.MEDIA_CONTRIBUTION,
}
WORD_BREAK = re.compile(r"[^a-z0-9]+")


async def site_awards(view: View, handle: str) -> Answer[Awards]:
    """The awards; an unknown account is answered like one that has none."""

    async def load() -> Awards:
        awards = await load_awards(view.api, handle)
        if _are_none(awards):
            await person(view, handle)
        return awards

    return await view.remember(AWARDS, (handle.lower(),), load)


async def load_awards(api: WebApi, handle: str) -> Awards:
    """Ask for all awards of an account: they come in one answer."""
    reply = await api.ask("GetUserAwards", u=handle)
    return awards_of(reply.decode(UserAwards), api.media_url)


def awards_of(sent: UserAwards, media_url: str) -> Awards:
    """Newest first."""
    awards = [award_of(award, media_url) for award in rows(sent.visible_user_awards)]
    return Awards(awards=tuple(sorted(awards, key=_place)), summary=_summary(sent))


def award_of(sent: UserAward, media_url: str) -> Award:
    """One award. Only a game award is about a game: other types have other numbers there."""
    awarded_at = instant(sent.awarded_at)
    is_for_game = sent.award_type in (MASTERY, BEATEN)
    return Award(
        native_id=_native_id(sent, awarded_at),
        kind=_kind(sent),
        raw_type=sent.award_type,
        name=sent.title,
        awarded_at=awarded_at,
        icon=image(media_url, sent.image_icon),
        mode=_mode(sent.award_data_extra) if is_for_game else None,
        platform_id=None if sent.console_id is None else str(sent.console_id),
        platform_name=sent.console_name,
        display_order=sent.display_order,
        flags=sent.flags,
        native_data=sent.award_data,
        native_data_extra=sent.award_data_extra,
        title_id=str(sent.award_data) if is_for_game and sent.award_data else None,
    )


def _are_none(awards: Awards) -> bool:
    summary = awards.summary
    return not awards.awards and (summary is None or not any(astuple(summary)))


def _kind(sent: UserAward) -> AwardKind:
    game_kind = GAME_KINDS.get((sent.award_type, sent.award_data_extra))
    return game_kind or SITE_KINDS.get(sent.award_type, AwardKind.OTHER)


def _mode(extra: int | None) -> UnlockMode | None:
    return unlock_mode(hardcore=extra == 1) if extra in (0, 1) else None


def _native_id(sent: UserAward, awarded_at: datetime | None) -> str:
    """The upstream gives none: what an award is for and when it was given never changes."""
    kind = WORD_BREAK.sub("-", sent.award_type.lower()).strip("-")
    moment = None if awarded_at is None else int(awarded_at.timestamp())
    numbers = (sent.award_data, sent.award_data_extra, moment)
    return ".".join((kind, *("" if number is None else str(number) for number in numbers)))


def _place(award: Award) -> tuple[float, float]:
    moment, order = award.awarded_at, award.display_order
    return (
        float("inf") if moment is None else -moment.timestamp(),
        float("inf") if order is None else order,
    )


def _summary(sent: UserAwards) -> AwardSummary | None:
    counts = {
        "total": sent.total_awards_count,
        "hidden": sent.hidden_awards_count,
        "mastery": sent.mastery_awards_count,
        "completion": sent.completion_awards_count,
        "beaten_hardcore": sent.beaten_hardcore_awards_count,
        "beaten_softcore": sent.beaten_softcore_awards_count,
        "event": sent.event_awards_count,
        "site": sent.site_awards_count,
    }
    known = {name: count for name, count in counts.items() if count is not None}
    return AwardSummary(**known) if len(known) == len(counts) else None
