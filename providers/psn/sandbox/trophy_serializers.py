"""Rows of the trophy service; optional members are omitted, never null."""

from collections.abc import Callable, Sequence

from providers.psn.sandbox import trophy_scoring
from providers.psn.sandbox.models import (
    Json,
    LocalizedText,
    Trophy,
    TrophyGroup,
    TrophySet,
    TrophySetProgress,
)

_IMAGES_BASE = "https://image.invalid/trophy"
Translate = Callable[[LocalizedText], str]


def serialize_title(
    trophy_set: TrophySet, progress: TrophySetProgress, translate: Translate
) -> Json:
    row = {**_serialize_heading(trophy_set, translate), "hiddenFlag": progress.hidden}
    row["trophySetVersion"] = trophy_set.version
    row["trophyTitlePlatform"] = trophy_set.platform
    return {**row, **_serialize_progress(trophy_set, progress)}


def serialize_title_of_game(
    trophy_set: TrophySet, progress: TrophySetProgress, translate: Translate
) -> Json:
    rarest = trophy_scoring.find_rarest(trophy_set.trophies, progress)
    return {
        **_serialize_heading(trophy_set, translate),
        **_serialize_progress(trophy_set, progress),
        "rarestTrophies": [
            {
                **_serialize_names(trophy, trophy_set, translate),
                **serialize_earned_trophy(trophy, progress),
            }
            for trophy in rarest
        ],
    }


def list_unearned_ids(trophy_set: TrophySet, progress: TrophySetProgress) -> list[int]:
    ids = [trophy.trophy_id for trophy in trophy_set.trophies]
    return [trophy_id for trophy_id in ids if trophy_id not in progress.earned]


def _serialize_heading(trophy_set: TrophySet, translate: Translate) -> Json:
    row: Json = {
        "npServiceName": trophy_set.service,
        "npCommunicationId": trophy_set.np_communication_id,
        "trophyTitleName": translate(trophy_set.name),
        "trophyTitleIconUrl": f"{_IMAGES_BASE}/{trophy_set.np_communication_id}.png",
        "hasTrophyGroups": len(trophy_set.groups) > 1,
        "trophyGroupCount": len(trophy_set.groups),
        "definedTrophies": trophy_scoring.count_by_grade(trophy_set.trophies),
    }
    if trophy_set.detail is not None:
        row["trophyTitleDetail"] = translate(trophy_set.detail)
    return row


def _serialize_progress(trophy_set: TrophySet, progress: TrophySetProgress) -> Json:
    return {
        "progress": trophy_scoring.compute_progress(trophy_set.trophies, progress.earned),
        "earnedTrophies": trophy_scoring.count_by_grade(
            trophy_scoring.filter_earned(trophy_set.trophies, progress)
        ),
        "lastUpdatedDateTime": progress.updated_at,
    }


def serialize_groups(trophy_set: TrophySet, translate: Translate) -> Json:
    """Serialize the groups of a set, which are the same for all accounts."""
    heading = _serialize_heading(trophy_set, translate)
    del heading["hasTrophyGroups"], heading["trophyGroupCount"]
    return {
        **heading,
        "trophySetVersion": trophy_set.version,
        "trophyTitlePlatform": trophy_set.platform,
        "trophyGroups": [
            _serialize_group(trophy_set, group, translate) for group in trophy_set.groups
        ],
    }


def _serialize_group(trophy_set: TrophySet, group: TrophyGroup, translate: Translate) -> Json:
    icon_url = f"{_IMAGES_BASE}/{trophy_set.np_communication_id}/{group.group_id}.png"
    row: Json = {
        "trophyGroupId": group.group_id,
        "trophyGroupName": translate(group.name),
        "trophyGroupIconUrl": icon_url,
        "definedTrophies": trophy_scoring.count_by_grade(
            trophy_set.get_group_trophies(group.group_id)
        ),
    }
    if trophy_set.detail is not None and group.group_id == "default":
        row["trophyGroupDetail"] = translate(trophy_set.detail)
    return row


def serialize_earned_groups(trophy_set: TrophySet, progress: TrophySetProgress) -> Json:
    return {
        "trophySetVersion": trophy_set.version,
        "hiddenFlag": progress.hidden,
        **_serialize_progress(trophy_set, progress),
        "trophyGroups": [
            _serialize_earned_group(trophy_set, group.group_id, progress)
            for group in trophy_set.groups
        ],
    }


def _serialize_earned_group(
    trophy_set: TrophySet, group_id: str, progress: TrophySetProgress
) -> Json:
    trophies = trophy_set.get_group_trophies(group_id)
    row: Json = {
        "trophyGroupId": group_id,
        "progress": trophy_scoring.compute_progress(trophies, progress.earned),
        "earnedTrophies": trophy_scoring.count_by_grade(
            trophy_scoring.filter_earned(trophies, progress)
        ),
    }
    unlock_times = [
        progress.earned[trophy.trophy_id]
        for trophy in trophy_scoring.filter_earned(trophies, progress)
    ]
    counter_times = [progress.counters.get(trophy.trophy_id, (0, ""))[1] for trophy in trophies]
    if unlock_times:
        row["lastUpdatedDateTime"] = max(*unlock_times, *counter_times)
    return row


def serialize_trophy(trophy: Trophy, trophy_set: TrophySet, translate: Translate) -> Json:
    row = {**_serialize_names(trophy, trophy_set, translate), "trophyGroupId": trophy.group_id}
    if trophy.target is not None:
        row["trophyProgressTargetValue"] = str(trophy.target)
    if trophy.reward is not None:
        row["trophyRewardName"] = translate(trophy.reward)
        row["trophyRewardImageUrl"] = (
            f"{_IMAGES_BASE}/{trophy_set.np_communication_id}/reward/{trophy.trophy_id}.png"
        )
    return row


def _serialize_names(trophy: Trophy, trophy_set: TrophySet, translate: Translate) -> Json:
    return {
        "trophyId": trophy.trophy_id,
        "trophyHidden": trophy.hidden,
        "trophyType": trophy.grade,
        "trophyName": translate(trophy.name),
        "trophyDetail": translate(trophy.detail),
        "trophyIconUrl": f"{_IMAGES_BASE}/{trophy_set.np_communication_id}/{trophy.trophy_id}.png",
    }


def serialize_earned_trophy(trophy: Trophy, progress: TrophySetProgress) -> Json:
    when = progress.earned.get(trophy.trophy_id)
    return {
        "trophyId": trophy.trophy_id,
        "trophyHidden": trophy.hidden,
        "earned": when is not None,
        **({} if when is None else {"earnedDateTime": when}),
        **_serialize_counter(trophy, progress),
        "trophyType": trophy.grade,
        "trophyRare": trophy_scoring.compute_rarity(trophy.earned_rate),
        "trophyEarnedRate": f"{trophy.earned_rate:.1f}",
    }


def _serialize_counter(trophy: Trophy, progress: TrophySetProgress) -> Json:
    # A counter is sent only while the trophy is tracked and not yet earned.
    if trophy.target is None or trophy.trophy_id not in progress.counters:
        return {}
    if trophy.trophy_id in progress.earned:
        return {}
    value, when = progress.counters[trophy.trophy_id]
    return {
        "progress": str(value),
        "progressRate": 100 * value // trophy.target,
        "progressedDateTime": when,
    }


def serialize_rarest(trophies: Sequence[Trophy], progress: TrophySetProgress) -> list[Json]:
    return [
        serialize_earned_trophy(trophy, progress)
        for trophy in trophy_scoring.find_rarest(trophies, progress)
    ]
