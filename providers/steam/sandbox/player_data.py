"""The players: Vega with games in every state, and others who hide something."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from providers.steam.sandbox import constants, game_data
from providers.steam.sandbox.models import Game, OwnedGame, Player

Unlock = tuple[tuple[int, str], int]


def _own(playtime: int, last_played: str, *, recent: int = 0) -> OwnedGame:
    moment = datetime.fromisoformat(last_played).replace(tzinfo=UTC)
    return OwnedGame(playtime=playtime, recent_playtime=recent, last_played_at=moment)


def _unlock(game: Game, start: str, hours: int, marks: str) -> Iterator[Unlock]:
    """Make unlocks from marks: x at a time, o at an unknown time, `.` locked."""
    begin = datetime.fromisoformat(start).replace(tzinfo=UTC)
    for index, (achievement, mark) in enumerate(zip(game.achievements, marks, strict=True)):
        if mark != ".":
            moment = begin + timedelta(hours=hours * index)
            yield (game.app_id, achievement.name), int(moment.timestamp()) if mark == "x" else 0


# Complete, begun, untouched, without times, borrowed.
_VEGA_GAMES = {
    4010: _own(2140, "2026-10-14 21:30:00", recent=310),
    4020: _own(1275, "2026-09-02 19:05:10"),
    4030: _own(640, "2026-08-20 17:00:00"),
    4040: _own(9310, "2026-06-30 23:59:00"),
    4050: _own(75, "2009-03-14 15:09:26"),
    4060: _own(480, "2026-02-11 20:20:20"),
    4070: _own(1660, "2025-11-23 18:18:18"),
    4080: _own(905, "2025-05-05 12:00:00"),
    4090: _own(3120, "2025-01-31 22:10:00"),
    4100: _own(15, "2024-12-24 16:00:00"),
    4110: _own(420, "2024-07-07 07:07:07"),
    4120: OwnedGame(),
    4900: _own(33, "2026-03-03 03:03:03"),
    4910: _own(55, "2026-04-04 04:04:04"),
    4950: OwnedGame(playtime=95, recent_playtime=95, is_borrowed=True),
    4960: OwnedGame(playtime=5, recent_playtime=5, is_borrowed=True),
}
_VEGA_UNLOCKS = (
    *_unlock(game_data.HARBOR_LIGHTS, "2026-09-28 20:00:00", 72, "xxx.xx.."),
    *_unlock(game_data.GLASSHOUSE, "2026-07-01 18:30:00", 300, "xxxxxx"),
    *_unlock(game_data.PAPER_ARMADA, "2026-08-01 10:00:00", 150, "xxx.."),
    *_unlock(game_data.LEDGER_OF_STARS, "2025-12-01 09:00:00", 61, "x" * 80 + "." * 24),
    *_unlock(game_data.OLD_ROADS, "2009-03-10 12:00:00", 0, "oo.o"),
    *_unlock(game_data.TIN_ORCHESTRA, "2026-01-15 19:00:00", 200, "xx.x."),
    *_unlock(game_data.CINDER_VALLEY, "2025-10-20 20:00:00", 190, "xxxx."),
    *_unlock(game_data.DRIFTWOOD_DINER, "2025-04-10 13:00:00", 180, "xxxx"),
    *_unlock(game_data.SILENT_PEAKS, "2024-11-11 11:11:11", 400, "xxxx.."),
    *_unlock(game_data.QUARRY, "2024-07-01 06:00:00", 60, "xx."),
    *_unlock(game_data.BORROWED_SKIES, "2026-10-09 21:15:00", 20, "xx."),
)


def make_players() -> list[Player]:
    """Make the players, because a test may change them."""
    return [_make_vega(), _make_sam(), _make_sol(), _make_private(), _make_new()]


def _make_vega() -> Player:
    """Make a player with a dozen titles in every state."""
    return Player(
        steam_id=constants.OWNER_ID,
        name="Vega North",
        vanity=constants.OWNER_VANITY,
        key=constants.OWNER_KEY,
        state=1,
        country="NO",
        created_at=1_199_200_000,
        last_logoff=1_792_000_000,
        level=23,
        current_app_id=game_data.HARBOR_LIGHTS.app_id,
        friends={
            constants.SECOND_ID: 1_600_000_000,
            constants.HIDDEN_GAMES_ID: 0,
            constants.PRIVATE_ID: 1_650_000_000,
            constants.UNKNOWN_ID: 1_500_000_000,
        },
        games={app_id: replace(game) for app_id, game in _VEGA_GAMES.items()},
        unlocks=dict(_VEGA_UNLOCKS),
    )


def _make_sam() -> Player:
    """Make a player who hides one game, and whose friends are hidden."""
    return Player(
        steam_id=constants.SECOND_ID,
        name="Second Sam",
        vanity=constants.SECOND_VANITY,
        key=constants.SECOND_KEY,
        shows_friends=False,
        state=0,
        country="CA",
        created_at=1_400_000_000,
        last_logoff=1_791_000_000,
        level=7,
        games={
            4010: _own(300, "2026-05-01 12:00:00"),
            4200: _own(800, "2026-08-08 08:08:08"),
            4210: OwnedGame(
                playtime=100,
                last_played_at=datetime(2026, 9, 9, 9, 9, 9, tzinfo=UTC),
                is_private=True,
            ),
        },
        unlocks=dict(
            (
                *_unlock(game_data.HARBOR_LIGHTS, "2026-04-01 10:00:00", 100, "xx......"),
                *_unlock(game_data.SECOND_STORY, "2026-07-01 10:00:00", 100, "xx."),
                *_unlock(game_data.LOCKED_DIARY, "2026-09-01 10:00:00", 10, "x."),
            )
        ),
    )


def _make_sol() -> Player:
    """Make a player with a public profile whose games are hidden."""
    return Player(
        steam_id=constants.HIDDEN_GAMES_ID,
        name="Hidden Sol",
        vanity="hidden_sol",
        shows_games=False,
        level=3,
        created_at=1_500_000_000,
        friends={constants.OWNER_ID: 1_600_500_000},
        games={4020: _own(100, "2026-01-01 00:00:00")},
        unlocks=dict(_unlock(game_data.GLASSHOUSE, "2025-12-31 12:00:00", 1, "xx....")),
    )


def _make_private() -> Player:
    """Make a player who hides everything."""
    return Player(
        steam_id=constants.PRIVATE_ID,
        name="Shade",
        shows_profile=False,
        shows_games=False,
        shows_friends=False,
        level=40,
        created_at=1_300_000_000,
        games={4020: _own(100, "2026-01-01 00:00:00")},
    )


def _make_new() -> Player:
    """Make a player without games and friends."""
    return Player(steam_id=constants.NEW_ID, name="New Nia", level=0, created_at=1_790_000_000)
