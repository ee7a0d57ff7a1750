"""The players: Vega with titles in every state, and others who hide something."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from providers.xbox.sandbox import constants, title_data
from providers.xbox.sandbox.models import PlayedTitle, Player, State, Title


def make_players() -> list[Player]:
    """Make the players, because a test may change them."""
    return [_make_vega(), _make_sam(), *_make_others()]


def _make_vega() -> Player:
    """Make a player with titles of both generations, complete, begun, untouched and hidden."""
    return Player(
        xuid=constants.OWNER_XUID,
        modern_gamertag="Vega North",
        key=constants.OWNER_KEY,
        bio="Collects lamps.",
        location="Tromsø",
        tenure=9,
        state="Online",
        current_title_id=title_data.SKYLARK_STATION.title_id,
        rich_presence="On deck 3",
        friends=[constants.SECOND_XUID, constants.PRIVATE_XUID, constants.NEW_XUID],
        titles={
            1_700_000_001: _play("2026-10-15 21:40:00", _make_skylark_states(), minutes=5_643),
            1_700_000_002: _play(
                "2026-08-30 23:10:00",
                _earn(title_data.EMBER_LEDGER, "2026-07-01 19:00:00", "x" * 35 + "....."),
                minutes=1_210,
            ),
            1_700_000_003: _play(
                "2025-06-02 20:00:00",
                _earn(title_data.GLASS_MERIDIAN, "2025-05-01 18:00:00", "xxxxx"),
            ),
            1_700_000_004: _play("2026-01-05 12:00:00", {}, minutes=0),
            1_700_000_005: PlayedTitle(
                states=_earn(title_data.LOST_LANTERN, "2020-02-02 20:20:20", "x.")
            ),
            1_700_000_006: PlayedTitle(
                last_played_at=_parse("2024-03-03 03:30:00"),
                is_visible=False,
                states=_earn(title_data.HIDDEN_HARBOR, "2024-03-01 10:00:00", "x."),
            ),
            1_700_000_090: _play("2026-10-01 08:00:00", {}),
            1_290_000_001: _play("2011-11-20 22:00:00", _make_ferry_states()),
            1_290_000_002: _play("2010-01-01 00:00:01", {}),
            1_290_000_003: _play(
                "2009-09-09 09:30:00", _earn(title_data.TIN_PARADE, "2009-09-01 12:00:00", "xx")
            ),
        },
    )


def _make_skylark_states() -> dict[str, State]:
    return {
        "1": State(is_earned=True, earned_at=_parse("2026-10-15 21:05:33.123456")),
        "2": State(is_earned=True, earned_at=_parse("2026-10-10 20:00:00")),
        "3": State(currents=("66",)),
        "4": State(currents=("5", "2", "0")),
        "5": State(currents=("3",)),
        "7": State(is_earned=True, earned_at=_parse("2026-10-09 00:00:01"), is_revoked=True),
        "8": State(is_earned=True),
    }


def _make_ferry_states() -> dict[str, State]:
    return {
        "1": State(is_earned=True, earned_at=_parse("2011-11-11 11:11:11")),
        "2": State(is_earned=True),
        "3": State(is_earned=True, earned_at=_parse("2011-11-19 19:19:19"), is_offline=True),
        "6": State(is_earned=True, earned_at=_parse("2011-11-12 12:12:12"), is_revoked=True),
    }


def _make_sam() -> Player:
    """Make a player whose gamertag has a blank and a suffix."""
    return Player(
        xuid=constants.SECOND_XUID,
        modern_gamertag="Second Sam",
        suffix="4821",
        key=constants.SECOND_KEY,
        tenure=2,
        friends=[constants.OWNER_XUID],
        titles={
            1_700_000_001: _play(
                "2026-05-05 17:00:00",
                _earn(title_data.SKYLARK_STATION, "2026-05-01 17:00:00", "xxx....."),
            ),
            1_290_000_001: _play(
                "2012-02-02 22:22:22",
                _earn(title_data.IRONCLAD_FERRY, "2012-01-01 12:00:00", "xx...."),
            ),
        },
    )


def _make_others() -> list[Player]:
    """Make players who hide their titles, refuse, or have not played yet, and Vega's friends."""
    return [
        Player(
            xuid=constants.PRIVATE_XUID,
            modern_gamertag="Shade Grey",
            extra_gamerscore=5_400,
            is_private=True,
        ),
        Player(
            xuid=constants.FORBIDDEN_XUID,
            modern_gamertag="Closed Cleo",
            extra_gamerscore=120,
            is_closed=True,
        ),
        Player(xuid=constants.NEW_XUID, modern_gamertag="New Nia", state="Away"),
    ]


def _play(
    last_played: str, states: Mapping[str, State], *, minutes: int | None = None
) -> PlayedTitle:
    return PlayedTitle(
        last_played_at=_parse(last_played), minutes_played=minutes, states=dict(states)
    )


def _earn(title: Title, start: str, marks: str) -> dict[str, State]:
    """Make states from marks, a day apart: x is earned, `.` is locked."""
    begin = _parse(start)
    return {
        achievement.id: State(is_earned=True, earned_at=begin + timedelta(days=index))
        for index, (achievement, mark) in enumerate(zip(title.achievements, marks, strict=True))
        if mark == "x"
    }


def _parse(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
