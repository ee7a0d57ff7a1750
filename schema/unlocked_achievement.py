"""The achievement of an event: loaded as any other, and shown also if that fails."""

from msgspec.structs import replace

from providers.errors import ProviderError
from providers.kit.request_context import bypass_cache
from providers.records import Achievement as AchievementRecord
from providers.records import Part, Title
from resolvers.context import Owner, ResolverContext
from resolvers.live.unlock_event import UnlockEvent
from resolvers.loaders import Loaders
from resolvers.title import get_achievements
from schema.node import Info
from schema.selection import Selection
from schema.title import Achievement
from schema.title_parts import get_achievement_parts

# What only the source's own response has, and may be null.
LOADED_FIELDS = (
    "key",
    "name",
    "description",
    "icon",
    "grade",
    "points",
    "rarity",
    "progress",
    "trigger_detail",
    "kind",
    "reward",
    "user_attributes",
    "event_attributes",
)


async def get_unlocked_achievement(info: Info, owner: Owner, event: UnlockEvent) -> Achievement:
    """Return the achievement of an event with the selected fields.

    If the source fails, each field that would need it has its error; the event is not lost.
    """
    selection = Selection.from_info(info)
    parts = get_achievement_parts(selection, reveal=False)
    # The mode and the time, which the event has, are shown as the source has them now.
    unlock = event.unlock
    known = AchievementRecord(
        native_id=unlock.achievement_id,
        earned=True,
        earned_at=unlock.earned_at,
        unlock_mode=unlock.mode,
    )
    if not parts:
        return Achievement.from_record(known, owner, unlock.title)
    try:
        found = await _load(info.context, owner, event, parts)
    except ProviderError as error:
        # In the record, which a plan reads.
        failed = replace(known, **dict.fromkeys(LOADED_FIELDS, error))
        return Achievement.from_record(failed, owner, unlock.title)
    if found is not None and not found.earned:
        # The source has said so before; what it lists may be older.
        found = replace(found, earned=True, earned_at=unlock.earned_at, unlock_mode=unlock.mode)
    return Achievement.from_record(found or known, owner, unlock.title)


async def _load(
    context: ResolverContext, owner: Owner, event: UnlockEvent, parts: Part
) -> AchievementRecord | None:
    """Load the achievement; past the cache if what is cached is older than the event."""
    found = await _find(context, owner, event, parts | Part.EARNED)
    if found is not None and found.earned:
        return found
    loaders = Loaders(context.viewer.clients, context.viewer.source_errors)
    fresh_context = ResolverContext(context.viewer, loaders)
    with bypass_cache(enabled=True):
        fresh = await _find(fresh_context, owner, event, parts | Part.EARNED)
    return fresh or found


async def _find(
    context: ResolverContext, owner: Owner, event: UnlockEvent, parts: Part
) -> AchievementRecord | None:
    title = event.unlock.title
    if title is None:
        answer = await context.loaders.load_achievements(
            owner.source, owner.request_handle, progress=Part.ACHIEVEMENT_PROGRESS in parts
        )
        achievements = answer.value
    else:
        request_title = title if title.definition_version else Title(native_id=title.native_id)
        achievements = await get_achievements(context, owner, request_title, parts) or ()
    matches = (each for each in achievements if each.native_id == event.unlock.achievement_id)
    return next(matches, None)
