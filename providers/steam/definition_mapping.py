"""Maps definitions of apps to records, from either of the two methods that have them."""

import math

from providers.kit.text import MAX_DESCRIPTION_LENGTH, MAX_NAME_LENGTH, truncate
from providers.records import Achievement, Group, Rarity, get_rarity_band, round_percent
from providers.steam.cached_records import Definitions, GameSchema
from providers.steam.images import map_achievement_icon
from providers.steam.models import (
    AchievementGroup,
    GameAchievement,
    GameAchievements,
    SchemaAchievement,
)
from providers.steam.models import GameSchema as GameSchemaModel


def map_definitions(app_id: str, response: GameAchievements) -> Definitions:
    """Map GetGameAchievements, in the upstream's order; each name counts once."""
    groups = tuple(
        Group(native_id=str(each.groupid), name=truncate(each.localized_name, MAX_NAME_LENGTH))
        for each in sorted(response.groups, key=_get_group_order)
        if each.ispublic and not each.developeronly
    )
    group_ids = {group.native_id for group in groups}
    mapped = (_map_achievement(app_id, each, group_ids) for each in response.achievements)
    version = response.schema_version
    return Definitions(
        achievements=tuple({each.native_id: each for each in mapped if each.native_id}.values()),
        groups=groups,
        schema_version=None if version is None else str(version)[:MAX_NAME_LENGTH],
    )


def map_schema(app_id: str, schema: GameSchemaModel) -> GameSchema:
    """Map GetSchemaForGame, in its order."""
    mapped = (_map_schema_row(app_id, each) for each in schema.available_game_stats.achievements)
    return GameSchema(
        name=truncate(schema.game_name, MAX_NAME_LENGTH),
        achievements=tuple({each.native_id: each for each in mapped if each.native_id}.values()),
    )


def map_percentages(percent: float | None) -> Rarity | None:
    """Map the percentage of players who have earned it; the upstream has no counts."""
    if percent is None or not math.isfinite(percent):
        return None
    percent = round_percent(min(100.0, max(0.0, percent)))
    return Rarity(percent=percent, band=get_rarity_band(percent))


def _map_achievement(app_id: str, row: GameAchievement, group_ids: set[str]) -> Achievement:
    group_id = None if row.groupid is None else str(row.groupid)
    return Achievement(
        native_id=row.internal_name,
        key=row.internal_name,
        group_id=group_id if group_id in group_ids else None,
        name=truncate(row.localized_name, MAX_NAME_LENGTH),
        description=truncate(row.localized_desc, MAX_DESCRIPTION_LENGTH),
        icon=map_achievement_icon(app_id, row.icon, row.icon_gray),
        hidden=row.hidden,
        rarity=map_percentages(row.player_percent_unlocked),
    )


def _map_schema_row(app_id: str, row: SchemaAchievement) -> Achievement:
    return Achievement(
        native_id=row.name,
        key=row.name,
        name=truncate(row.display_name, MAX_NAME_LENGTH),
        description=truncate(row.description, MAX_DESCRIPTION_LENGTH),
        icon=map_achievement_icon(app_id, row.icon, row.icongray),
        hidden=row.hidden == 1,
    )


def _get_group_order(group: AchievementGroup) -> tuple[bool, int]:
    return group.order is None, group.order or 0
