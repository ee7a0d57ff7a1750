"""The titles: modern ones, some of Xbox 360, and an application without achievements."""

from providers.xbox.sandbox.models import Achievement, Title

SKYLARK_STATION = Title(
    title_id=1_700_000_001,
    name="Skylark Station",
    devices=("PC", "XboxOne", "XboxSeries"),
    publisher="Invented Software",
    developer="Lamp Works",
    genres=("Simulation", "Adventure"),
    released="2025-11-04T00:00:00.0000000Z",
    german={"": "Lerchenstation", "1": "Erstes Licht"},
    achievements=(
        Achievement("1", "First Light", "You lit the lamp.", "Light the lamp.", 10, 71.3),
        Achievement("2", "Signal Fire", "You answered the call.", "Answer the call.", 20, 8.4),
        Achievement(
            "3", "Cargo Counter", "You moved 100 crates.", "Move 100 crates.", 15, targets=("100",)
        ),
        Achievement(
            "4",
            "Three Stations",
            "You visited all of them.",
            "Visit five, four and three places.",
            30,
            12.5,
            targets=("5", "4", "3"),
        ),
        Achievement("5", "One of One", "You found it.", "Find it.", 10, 33.0),
        Achievement(
            "6", "The Quiet Passenger", "They spoke.", "Make them speak.", 50, 4.2, is_secret=True
        ),
        Achievement("7", "Borrowed Time", "You came too early.", "Come too early.", 40, 0.3),
        Achievement(
            "8",
            "Captain's Coat",
            "It fits.",
            "Find the coat.",
            None,
            None,
            reward="Captain's Coat",
            targets=(),
        ),
    ),
)
EMBER_LEDGER = Title(
    title_id=1_700_000_002,
    name="Ember Ledger",
    devices=("XboxSeries",),
    achievements=(
        *(
            Achievement(
                str(number),
                f"Entry {number}",
                f"You wrote entry {number}.",
                f"Write entry {number}.",
                25,
                100 - 2.5 * number,
            )
            for number in range(1, 40)
        ),
        Achievement(
            "40", "A Week of Fire", "You came daily.", "Come daily.", None, 6.0, kind="Challenge"
        ),
    ),
)
GLASS_MERIDIAN = Title(
    title_id=1_700_000_003,
    name="Glass Meridian",
    devices=("XboxOne", "XboxSeries"),
    achievements=tuple(
        Achievement(
            str(number), f"Degree {number}", f"At {number}.", f"Reach {number}.", 200, 20.0 * number
        )
        for number in range(1, 6)
    ),
)
QUIET_ORCHARD = Title(
    title_id=1_700_000_004,
    name="Quiet Orchard",
    devices=("PC", "XboxOne"),
    achievements=tuple(
        Achievement(str(number), f"Tree {number}", f"Grown {number}.", f"Grow {number}.", 50)
        for number in range(1, 7)
    ),
)
LOST_LANTERN = Title(
    title_id=1_700_000_005,
    name="Lost Lantern",
    devices=("XboxOne",),
    achievements=(
        Achievement("1", "A Spark", "You struck it.", "Strike it.", 100, 55.0),
        Achievement("2", "A Flame", "You kept it.", "Keep it.", 900, 2.0),
    ),
)
HIDDEN_HARBOR = Title(
    title_id=1_700_000_006,
    name="Hidden Harbor",
    devices=("PC",),
    achievements=(
        Achievement("1", "Moored", "You moored.", "Moor.", 500, 60.0),
        Achievement("2", "Unmoored", "You left.", "Leave.", 500, 14.9),
    ),
)
DESK_TOOLS = Title(title_id=1_700_000_090, name="Desk Tools", devices=("PC", "Win32"))
IRONCLAD_FERRY = Title(
    title_id=1_290_000_001,
    name="Ironclad Ferry",
    devices=("Xbox360", "XboxOne", "XboxSeries"),
    media_item_type="Xbox360Game",
    achievements=(
        Achievement("1", "Cast Off", "You left the pier.", "Leave the pier.", 20, 80.1),
        Achievement("2", "Old Hero", "You were here before.", "Be here before.", 20, 3.1),
        Achievement("3", "Out of Range", "You sailed alone.", "Sail alone.", 30, 22.2),
        Achievement("4", "Below Deck", "You saw it.", "See it.", 50, 9.9, is_secret=True),
        Achievement("5", "Full Cargo", "You carried it all.", "Carry it all.", 80, 14.0),
        Achievement("6", "Counterfeit", "You did not.", "Do not.", 0, 1.0),
    ),
)
PAPER_MOONS = Title(
    title_id=1_290_000_002,
    name="Paper Moons",
    devices=("Xbox360",),
    media_item_type="XboxArcadeGame",
    achievements=(
        Achievement("1", "Fold", "You folded.", "Fold.", 100, 50.0),
        Achievement("2", "Crease", "You creased.", "Crease.", 100, 25.0),
    ),
)
TIN_PARADE = Title(
    title_id=1_290_000_003,
    name="Tin Parade",
    devices=("Xbox360",),
    media_item_type="Xbox360Game",
    achievements=(
        Achievement("7", "Drum", "You drummed.", "Drum.", 400, 31.0),
        Achievement("9", "March", "You marched.", "March.", 600, 11.0),
    ),
)
TITLES = (
    SKYLARK_STATION,
    EMBER_LEDGER,
    GLASS_MERIDIAN,
    QUIET_ORCHARD,
    LOST_LANTERN,
    HIDDEN_HARBOR,
    DESK_TOOLS,
    IRONCLAD_FERRY,
    PAPER_MOONS,
    TIN_PARADE,
)
