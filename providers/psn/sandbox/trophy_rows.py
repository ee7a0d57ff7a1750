"""Rows of the trophy service; optional members are left out, never null."""

from collections.abc import Callable, Sequence

from providers.psn.sandbox import rules
from providers.psn.sandbox.model import Json, Standing, Text, Trophy, TrophyGroup, TrophySet

_IMAGES = "https://image.invalid/trophy"
Words = Callable[[Text], str]


def title(known: TrophySet, standing: Standing, words: Words) -> Json:
    row = {**_heading(known, words), "hiddenFlag": standing.hidden}
    row["trophySetVersion"] = known.version
    row["trophyTitlePlatform"] = known.platform
    return {**row, **_progress(known, standing)}


def title_of_game(known: TrophySet, standing: Standing, words: Words) -> Json:
    rarest = rules.rarest(known.trophies, standing)
    return {
        **_heading(known, words),
        **_progress(known, standing),
        "rarestTrophies": [
            {**_named(trophy, known, words), **earned(trophy, standing)} for trophy in rarest
        ],
    }


def not_earned(known: TrophySet, standing: Standing) -> list[int]:
    ids = [trophy.trophy_id for trophy in known.trophies]
    return [trophy_id for trophy_id in ids if trophy_id not in standing.earned]


def _heading(known: TrophySet, words: Words) -> Json:
    row: Json = {
        "npServiceName": known.service,
        "npCommunicationId": known.np_communication_id,
        "trophyTitleName": words(known.name),
        "trophyTitleIconUrl": f"{_IMAGES}/{known.np_communication_id}.png",
        "hasTrophyGroups": len(known.groups) > 1,
        "trophyGroupCount": len(known.groups),
        "definedTrophies": rules.counts(known.trophies),
    }
    if known.detail is not None:
        row["trophyTitleDetail"] = words(known.detail)
    return row


def _progress(known: TrophySet, standing: Standing) -> Json:
    return {
        "progress": rules.progress(known.trophies, standing.earned),
        "earnedTrophies": rules.counts(rules.earned_in(known.trophies, standing)),
        "lastUpdatedDateTime": standing.updated,
    }


def definitions(known: TrophySet, words: Words) -> Json:
    """The groups of a set, the same for everyone."""
    heading = _heading(known, words)
    del heading["hasTrophyGroups"], heading["trophyGroupCount"]
    return {
        **heading,
        "trophySetVersion": known.version,
        "trophyTitlePlatform": known.platform,
        "trophyGroups": [_group(known, group, words) for group in known.groups],
    }


def _group(known: TrophySet, group: TrophyGroup, words: Words) -> Json:
    row: Json = {
        "trophyGroupId": group.group_id,
        "trophyGroupName": words(group.name),
        "trophyGroupIconUrl": f"{_IMAGES}/{known.np_communication_id}/{group.group_id}.png",
        "definedTrophies": rules.counts(known.group(group.group_id)),
    }
    if known.detail is not None and group.group_id == "default":
        row["trophyGroupDetail"] = words(known.detail)
    return row


def standing_by_group(known: TrophySet, standing: Standing) -> Json:
    return {
        "trophySetVersion": known.version,
        "hiddenFlag": standing.hidden,
        **_progress(known, standing),
        "trophyGroups": [_standing(known, group.group_id, standing) for group in known.groups],
    }


def _standing(known: TrophySet, group_id: str, standing: Standing) -> Json:
    trophies = known.group(group_id)
    row: Json = {
        "trophyGroupId": group_id,
        "progress": rules.progress(trophies, standing.earned),
        "earnedTrophies": rules.counts(rules.earned_in(trophies, standing)),
    }
    moments = [standing.earned[one.trophy_id] for one in rules.earned_in(trophies, standing)]
    counted = [standing.counters.get(trophy.trophy_id, (0, ""))[1] for trophy in trophies]
    if moments:
        row["lastUpdatedDateTime"] = max(*moments, *counted)
    return row


def definition(trophy: Trophy, known: TrophySet, words: Words) -> Json:
    row = {**_named(trophy, known, words), "trophyGroupId": trophy.group_id}
    if trophy.target is not None:
        row["trophyProgressTargetValue"] = str(trophy.target)
    if trophy.reward is not None:
        row["trophyRewardName"] = words(trophy.reward)
        row["trophyRewardImageUrl"] = (
            f"{_IMAGES}/{known.np_communication_id}/reward/{trophy.trophy_id}.png"
        )
    return row


def _named(trophy: Trophy, known: TrophySet, words: Words) -> Json:
    return {
        "trophyId": trophy.trophy_id,
        "trophyHidden": trophy.hidden,
        "trophyType": trophy.grade,
        "trophyName": words(trophy.name),
        "trophyDetail": words(trophy.detail),
        "trophyIconUrl": f"{_IMAGES}/{known.np_communication_id}/{trophy.trophy_id}.png",
    }


def earned(trophy: Trophy, standing: Standing) -> Json:
    when = standing.earned.get(trophy.trophy_id)
    return {
        "trophyId": trophy.trophy_id,
        "trophyHidden": trophy.hidden,
        "earned": when is not None,
        **({} if when is None else {"earnedDateTime": when}),
        **_counter(trophy, standing),
        "trophyType": trophy.grade,
        "trophyRare": rules.rarity(trophy.rate),
        "trophyEarnedRate": f"{trophy.rate:.1f}",
    }


def _counter(trophy: Trophy, standing: Standing) -> Json:
    """Only while it is tracked and not yet earned."""
    if trophy.target is None or trophy.trophy_id not in standing.counters:
        return {}
    if trophy.trophy_id in standing.earned:
        return {}
    value, when = standing.counters[trophy.trophy_id]
    return {
        "progress": str(value),
        "progressRate": 100 * value // trophy.target,
        "progressedDateTime": when,
    }


def rarest(trophies: Sequence[Trophy], standing: Standing) -> list[Json]:
    return [earned(trophy, standing) for trophy in rules.rarest(trophies, standing)]
