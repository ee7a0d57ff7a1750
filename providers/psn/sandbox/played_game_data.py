"""Games, and how long accounts have played them."""

from providers.psn.sandbox import constants
from providers.psn.sandbox.models import Game, PlayedGame, parse_localized_text

_PS4, _PS5 = "ps4_game", "ps5_native_game"

GAMES = (
    Game(
        "PPSA00001_00",
        parse_localized_text("Sample Quest|Musterreise"),
        _PS5,
        10000001,
        ("NPWR00001_00",),
    ),
    Game(
        "CUSA00001_00",
        parse_localized_text("Sample Quest|Musterreise"),
        _PS4,
        10000001,
        ("NPWR00002_00",),
    ),
    Game(
        "PPSA00003_00",
        parse_localized_text("Harbor Lights|Hafenlichter"),
        _PS5,
        10000003,
        ("NPWR00003_00",),
    ),
    Game(
        "CUSA00004_00",
        parse_localized_text("Iron Orchard|Eiserner Obstgarten"),
        _PS4,
        10000004,
        ("NPWR00004_00",),
    ),
    Game(
        "CUSA00007_00",
        parse_localized_text("Three-Way Street|Dreiwegstraße"),
        _PS4,
        10000007,
        ("NPWR00007_00",),
    ),
    Game(
        "PPSA00008_00",
        parse_localized_text("Deep Signal|Tiefes Signal"),
        _PS5,
        10000008,
        ("NPWR00008_00",),
    ),
    Game(
        "CUSA00009_00",
        parse_localized_text("Morning Bell|Morgenglocke"),
        _PS4,
        10000009,
        ("NPWR00009_00",),
    ),
    Game(
        "PPSA00010_00",
        parse_localized_text("Quiet Garden|Stiller Garten"),
        _PS5,
        10000010,
        ("NPWR00010_00",),
    ),
    Game(
        "CUSA00011_00",
        parse_localized_text("Glass Circuit|Glaskreislauf"),
        _PS4,
        10000011,
        ("NPWR00011_00",),
    ),
    Game(
        "PPSA00012_00",
        parse_localized_text("Night Ferry|Nachtfähre"),
        _PS5,
        10000012,
        ("NPWR00012_00",),
    ),
    Game(
        "CUSA00013_00",
        parse_localized_text("Stone Choir|Steinchor"),
        _PS4,
        10000013,
        ("NPWR00013_00",),
    ),
    Game(
        "PPSA00015_00",
        parse_localized_text("Second Sun|Zweite Sonne"),
        _PS5,
        10000015,
        ("NPWR00015_00",),
    ),
    Game(
        "CUSA00016_00",
        parse_localized_text("Far Meadow|Ferne Wiese"),
        _PS4,
        10000016,
        ("NPWR00016_00",),
    ),
    Game(
        "PPSA00017_00",
        parse_localized_text("Unopened Box|Ungeöffnete Kiste"),
        _PS5,
        10000017,
        ("NPWR00017_00",),
    ),
    # A media app has no trophies, and the trophy service does not know its id.
    Game(
        "PPSA00090_00",
        parse_localized_text("Sample Video"),
        "ps5_native_media_app",
        10000090,
        genres=(),
    ),
    Game("CUSA00091_00", parse_localized_text("Lost Cartridge"), "unknown", None, genres=()),
)

_OWNER_GAMES = (
    ("PPSA00008_00", "2026-09-30T17:58:01.100000Z", "2026-10-20T21:02:33.480000Z", "PT41H7M2S", 19),
    (
        "PPSA00090_00",
        "2024-12-24T18:00:00.000000Z",
        "2026-10-18T20:11:09.050000Z",
        "PT215H2M16S",
        88,
    ),
    (
        "PPSA00001_00",
        "2025-02-28T03:21:09.800000Z",
        "2026-05-04T12:23:01.130000Z",
        "PT92H42M16S",
        113,
    ),
    ("PPSA00010_00", "2026-03-01T08:58:20.010000Z", "2026-03-02T19:00:00.900000Z", "PT6H", 4),
    ("CUSA00011_00", "2026-02-12T17:55:00.300000Z", "2026-02-15T11:00:00.000000Z", "PT9H12M", 6),
    ("PPSA00012_00", "2026-02-01T19:50:00.700000Z", "2026-02-14T20:00:00.600000Z", "PT12H30M5S", 9),
    (
        "CUSA00004_00",
        "2025-06-01T07:45:00.200000Z",
        "2026-01-11T09:30:00.400000Z",
        "PT130H0M59S",
        61,
    ),
    ("PPSA00003_00", "2025-03-01T16:40:00.000000Z", "2025-12-21T23:10:00.000000Z", "PT58H3M", 40),
    ("CUSA00009_00", "2025-01-01T00:00:00.500000Z", "2025-01-01T00:41:00.100000Z", "PT41M", 1),
    ("CUSA00007_00", "2024-11-01T15:59:59.900000Z", "2024-11-13T20:00:00.000000Z", "PT27H44M", 22),
    ("CUSA00013_00", "2024-08-08T07:30:00.000000Z", "2024-08-21T06:00:00.000000Z", "PT31H1S", 17),
    ("PPSA00017_00", "2024-07-01T12:00:00.000000Z", "2024-07-01T12:00:42.000000Z", "PT42S", 1),
    ("CUSA00001_00", "2024-01-05T09:30:00.000000Z", "2024-03-01T00:10:00.000000Z", "PT20H", 12),
)
_FRIEND_GAMES = (
    ("CUSA00016_00", "2026-08-20T19:30:00.000000Z", "2026-08-22T22:00:00.000000Z", "PT8H10M", 5),
    ("CUSA00004_00", "2026-06-06T05:50:00.000000Z", "2026-06-06T14:00:00.000000Z", "PT7H55M", 2),
    ("PPSA00001_00", "2025-08-01T09:45:00.000000Z", "2025-08-10T12:00:00.000000Z", "PT60H", 30),
)
_SECOND_GAMES = (
    ("CUSA00091_00", "2026-10-05T18:00:00.000000Z", "2026-10-05T18:05:00.000000Z", "PT5M", 1),
    ("PPSA00001_00", "2026-10-01T09:30:00.000000Z", "2026-10-03T12:30:00.000000Z", "PT11H", 7),
    ("PPSA00008_00", "2026-08-15T14:50:00.000000Z", "2026-08-15T15:20:00.000000Z", "PT30M", 1),
    ("PPSA00015_00", "2026-06-21T11:30:00.000000Z", "2026-06-23T13:00:00.000000Z", "PT10H5M", 8),
    ("PPSA00003_00", "2026-04-01T09:30:00.000000Z", "2026-04-03T10:00:00.000000Z", "PT9H", 6),
)
_PLUS_GAME_IDS = ("PPSA00012_00", "CUSA00009_00")


def make_played_games() -> dict[str, list[PlayedGame]]:
    """Make the lists of played games, last played first, as the game list sends them."""
    people = {
        constants.OWNER_ACCOUNT_ID: _OWNER_GAMES,
        constants.FRIEND_ACCOUNT_ID: _FRIEND_GAMES,
        constants.SECOND_ACCOUNT_ID: _SECOND_GAMES,
    }
    return {
        account_id: [
            PlayedGame(*row, "ps_plus" if row[0] in _PLUS_GAME_IDS else "none(purchased)")
            for row in rows
        ]
        for account_id, rows in people.items()
    }
