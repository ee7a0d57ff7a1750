"""The endpoint of a member's awards."""

from collections import Counter
from collections.abc import Iterator

from providers.kit.sandbox import SandboxResponse
from providers.retroachievements.sandbox import serializers
from providers.retroachievements.sandbox.database import Database
from providers.retroachievements.sandbox.game_progress import (
    BEATEN_TYPE,
    MASTERY_TYPE,
    GameAward,
    GameProgress,
)
from providers.retroachievements.sandbox.models import Json, Member, SiteAward
from providers.retroachievements.sandbox.request_handling import ApiRequest

SITE_AWARD_TYPES = {
    "Site Event",
    "Achievement Unlocks Yield",
    "Achievement Points Yield",
    "Patreon Supporter",
    "Certified Legend",
}
HIDDEN_ORDER = -1


def get_user_awards(request: ApiRequest) -> SandboxResponse:
    """Return all awards; an unknown member is answered like one without awards."""
    member = request.find_member()
    if member is not None and member.published_awards is not None:
        return SandboxResponse(200, member.published_awards)
    rows = [] if member is None else list(_list_award_rows(request.database, member))
    visible = [row for row in rows if row["DisplayOrder"] != HIDDEN_ORDER]
    visible.sort(key=lambda row: (row["DisplayOrder"], row["AwardedAt"]))
    return SandboxResponse(200, {**_count_awards(rows, len(visible)), "VisibleUserAwards": visible})


def _count_awards(rows: list[Json], visible_count: int) -> Json:
    kinds = Counter((row["AwardType"], row["AwardDataExtra"]) for row in rows)
    types = Counter(row["AwardType"] for row in rows)
    return {
        "TotalAwardsCount": len(rows),
        "HiddenAwardsCount": len(rows) - visible_count,
        "MasteryAwardsCount": kinds[MASTERY_TYPE, 1],
        "CompletionAwardsCount": kinds[MASTERY_TYPE, 0],
        "BeatenHardcoreAwardsCount": kinds[BEATEN_TYPE, 1],
        "BeatenSoftcoreAwardsCount": kinds[BEATEN_TYPE, 0],
        "EventAwardsCount": types["Event"],
        "SiteAwardsCount": sum(types[name] for name in SITE_AWARD_TYPES),
    }


def _list_award_rows(database: Database, member: Member) -> Iterator[Json]:
    order = 0
    for progress in reversed(database.list_game_progress(member)):
        for award in progress.awards:
            order += 1
            yield _serialize_game_award(progress, award, order)
    for award in member.site_awards:
        yield _serialize_site_award(award)


def _serialize_game_award(progress: GameProgress, award: GameAward, order: int) -> Json:
    game = progress.game
    return {
        "AwardedAt": serializers.format_with_offset(award.awarded_at),
        "AwardType": award.type,
        "AwardData": game.id,
        "AwardDataExtra": int(award.hardcore),
        "DisplayOrder": order,
        "Title": game.title,
        **serializers.serialize_console(game),
        "Flags": None,
        "ImageIcon": game.icon,
        "display_award_tier": None,
    }


def _serialize_site_award(award: SiteAward) -> Json:
    console_id, console_name = award.console or (None, None)
    return {
        "AwardedAt": serializers.format_with_offset(award.awarded_at),
        "AwardType": award.type,
        "AwardData": award.data,
        "AwardDataExtra": award.extra,
        "DisplayOrder": award.order,
        "Title": award.title,
        "ConsoleID": console_id,
        "ConsoleName": console_name,
        "Flags": None,
        "ImageIcon": award.icon,
        "display_award_tier": award.tier,
    }


ENDPOINTS = {"GetUserAwards": get_user_awards}
