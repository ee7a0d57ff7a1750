"""The call about a member's awards."""

from collections import Counter
from collections.abc import Iterator

from providers.kit.sandbox import Reply
from providers.retroachievements.sandbox import shape
from providers.retroachievements.sandbox.asked import Asked
from providers.retroachievements.sandbox.model import Json, Member, SiteAward
from providers.retroachievements.sandbox.standing import BEATEN, MASTERY, GameAward, Standing
from providers.retroachievements.sandbox.world import World

SITE_TYPES = {
    "Site Event",
    "Achievement Unlocks Yield",
    "Achievement Points Yield",
    "Patreon Supporter",
    "Certified Legend",
}
HIDDEN = -1


def get_user_awards(asked: Asked) -> Reply:
    """All in one reply; an unknown member has zeros, like one without awards."""
    member = asked.member()
    if member is not None and member.published_awards is not None:
        return Reply(200, member.published_awards)
    rows = [] if member is None else list(_rows(asked.world, member))
    visible = [row for row in rows if row["DisplayOrder"] != HIDDEN]
    visible.sort(key=lambda row: (row["DisplayOrder"], row["AwardedAt"]))
    return Reply(200, {**_counts(rows, len(visible)), "VisibleUserAwards": visible})


def _counts(rows: list[Json], visible: int) -> Json:
    kinds = Counter((row["AwardType"], row["AwardDataExtra"]) for row in rows)
    types = Counter(row["AwardType"] for row in rows)
    return {
        "TotalAwardsCount": len(rows),
        "HiddenAwardsCount": len(rows) - visible,
        "MasteryAwardsCount": kinds[MASTERY, 1],
        "CompletionAwardsCount": kinds[MASTERY, 0],
        "BeatenHardcoreAwardsCount": kinds[BEATEN, 1],
        "BeatenSoftcoreAwardsCount": kinds[BEATEN, 0],
        "EventAwardsCount": types["Event"],
        "SiteAwardsCount": sum(types[name] for name in SITE_TYPES),
    }


def _rows(world: World, member: Member) -> Iterator[Json]:
    order = 0
    for standing in reversed(world.played(member)):
        for award in standing.awards:
            order += 1
            yield _game_row(standing, award, order)
    for award in member.site_awards:
        yield _site_row(award)


def _game_row(standing: Standing, award: GameAward, order: int) -> Json:
    game = standing.game
    return {
        "AwardedAt": shape.offset(award.when),
        "AwardType": award.type,
        "AwardData": game.id,
        "AwardDataExtra": int(award.hardcore),
        "DisplayOrder": order,
        "Title": game.title,
        **shape.console(game),
        "Flags": None,
        "ImageIcon": game.icon,
        "display_award_tier": None,
    }


def _site_row(award: SiteAward) -> Json:
    console_id, console_name = award.console or (None, None)
    return {
        "AwardedAt": shape.offset(award.awarded_at),
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


CALLS = {"GetUserAwards": get_user_awards}
