"""The members: invented ones, and two from the published samples."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from providers.retroachievements.sandbox import game_data
from providers.retroachievements.sandbox.models import Game, Member, Unlock
from providers.retroachievements.sandbox.site_award_data import VEGA_SITE_AWARDS

OPERATOR_USERNAME = "VegaNorth"
OPERATOR_KEY = "sandbox-ra-key"
SECOND_USERNAME = "SecondSam"
SECOND_KEY = "sandbox-ra-second-key"
VEGA_ULID = "01HVEGAN0RTH7Q2M4X6Z8B0C1D"
SAM_ULID = "01HSEC0NDSAM7Q2M4X6Z8B0C2E"
EDA_ULID = "01HEMPTYEDA07Q2M4X6Z8B0C3F"
MAX_ULID = "01HMAXM1LY1N7Q2M4X6Z8B0C4G"

HARDCORE_DELAY = timedelta(hours=49)


def make_members() -> list[Member]:
    """Make the members, because a test may change them."""
    return [
        replace(
            each,
            unlocks=dict(each.unlocks),
            site_awards=list(each.site_awards),
            following=list(each.following),
            wanted_game_ids=list(each.wanted_game_ids),
        )
        for each in _get_original_members()
    ]


@cache  # the tests create sandboxes by the thousand
def _get_original_members() -> tuple[Member, ...]:
    return (_make_vega(), _make_sam(), _make_eda(), _make_max(), _make_xelnia())


def _make_vega() -> Member:
    """Make a member with games in every state: mastered, beaten, completed and begun."""
    return Member(
        id=4101,
        name=OPERATOR_USERNAME,
        ulid=VEGA_ULID,
        member_since="2023-11-04 08:15:30",
        key=OPERATOR_KEY,
        motto="One more try",
        rich_presence="Resting by the hollow hill",
        unlocks=dict(
            (
                *_make_unlocks(game_data.LANTERN_KEEP, "2024-02-03 19:05:11", 30, "HHHHHHHH"),
                *_make_unlocks(game_data.COMET_COURIER, "2024-05-11 20:30:00", 26, "HHHHHH.H.."),
                *_make_unlocks(game_data.TIDEWATER_TACTICS, "2024-09-01 17:45:09", 51, "SSBSSSBS"),
                *_make_unlocks(game_data.TIDEWATER_BONUS, "2025-01-18 21:00:40", 75, "HHH..."),
                *_make_unlocks(game_data.QUIET_ORCHARD, "2025-03-02 10:20:00", 20, "S.S..."),
                *_make_unlocks(game_data.SIGNAL_STATIC, "2025-04-20 22:10:05", 44, "BBSSBSBS.S"),
                *_make_unlocks(game_data.PUDDLE_RACERS, "2025-10-05 15:00:00", 1, "HHHSH..."),
                *_make_unlocks(
                    game_data.GLASS_CARTOGRAPHER, "2026-01-10 18:25:50", 93, "HHSHHHBHS.H."
                ),
                *_make_unlocks(game_data.MOSS_AND_MARROW, "2026-08-14 19:40:00", 192, "HHHHBHH.H."),
            )
        ),
        site_awards=list(VEGA_SITE_AWARDS),
        following=[SAM_ULID, EDA_ULID],
        wanted_game_ids=[game_data.NIGHT_BUS_NINE.id, game_data.PUDDLE_RACERS.id],
    )


def _make_sam() -> Member:
    """Make a member who has changed their name once."""
    return Member(
        id=4102,
        name=SECOND_USERNAME,
        original_name="SamuelOne",
        ulid=SAM_ULID,
        member_since="2024-12-24 16:00:00",
        key=SECOND_KEY,
        following=[VEGA_ULID, MAX_ULID],
        wanted_game_ids=[game_data.MOSS_AND_MARROW.id],
        unlocks=dict(
            (
                *_make_unlocks(game_data.LANTERN_KEEP, "2025-02-01 12:00:00", 24, "HHHS...."),
                *_make_unlocks(
                    game_data.GLASS_CARTOGRAPHER, "2025-06-15 09:30:00", 48, "SSSS........"
                ),
                *_make_unlocks(game_data.NIGHT_BUS_NINE, "2025-11-01 23:10:00", 5, "HHHHHHH"),
            )
        ),
    )


def _make_eda() -> Member:
    return Member(
        id=4103,
        name="EmptyEda",
        ulid=EDA_ULID,
        member_since="2026-07-01 07:00:00",
    )


def _make_max() -> Member:
    return Member(
        id=4104,
        name="MaxMilyin",
        following=[VEGA_ULID],
        wanted_game_ids=[game_data.WARIOWARE.id],
        ulid=MAX_ULID,
        member_since="2016-01-02 00:43:04",
        unlocks=dict(_make_unlocks(game_data.MEGA_MAN, "2016-01-02 00:53:52", 1, "HHHHHH.")),
        published_awards=_read_sample("user_awards_http.json"),
    )


def _make_xelnia() -> Member:
    return Member(
        id=4105,
        name="xelnia",
        ulid="01HXE1N1A0007Q2M4X6Z8B0C5H",
        member_since="2021-12-20 03:13:20",
        unlocks=dict(_make_unlocks(game_data.WARIOWARE, "2022-08-26 14:34:43", 1, "HHHHHH")),
        published_awards=_restore_upstream_names(_read_sample("user_awards_client.json")),
    )


def _make_unlocks(game: Game, start: str, hours: int, marks: str) -> Iterator[tuple[int, Unlock]]:
    """Make unlocks from marks: H hardcore, S softcore, B both with a delay, `.` locked."""
    begin = datetime.fromisoformat(start).replace(tzinfo=UTC)
    for index, (achievement, mark) in enumerate(zip(game.achievements, marks, strict=True)):
        when = begin + timedelta(hours=hours * index)
        if mark == "H":
            yield achievement.id, Unlock(when, when)
        elif mark == "S":
            yield achievement.id, Unlock(when)
        elif mark == "B":
            yield achievement.id, Unlock(when, when + HARDCORE_DELAY)


def _read_sample(name: str) -> Mapping[str, Any]:
    return json.loads(
        files("providers.retroachievements.sandbox").joinpath(name).read_text(encoding="utf-8")
    )


def _restore_upstream_names(sample: Mapping[str, Any]) -> Mapping[str, Any]:
    """Restore the upstream's names, which the client library has changed in the sample."""
    whole = _capitalize_names(sample)
    return {
        **whole,
        "VisibleUserAwards": [_capitalize_names(row) for row in whole["VisibleUserAwards"]],
    }


def _capitalize_names(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name[:1].upper() + name[1:]: value for name, value in row.items()}
