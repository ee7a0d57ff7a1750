"""The games: all invented."""

from providers.steam.sandbox.models import Achievement, Game, Group


def _make_achievements(app_id: int, lines: str) -> tuple[Achievement, ...]:
    rows = [[cell.strip() for cell in line.split("|")] for line in lines.strip().splitlines()]
    return tuple(
        Achievement(
            name=f"ACH_{app_id}_{index:02d}" if not row[0] else row[0],
            title=row[1],
            description=row[2],
            percent=round(max(0.3, 91.4 * 0.74**index), 1),
            is_hidden=len(row) > 3 and row[3] == "hidden",
            group_id=row[4] if len(row) > 4 else None,
        )
        for index, row in enumerate(rows)
    )


HARBOR_LIGHTS = Game(
    4010,
    "Harbor Lights",
    _make_achievements(
        4010,
        """
    FIRST_BEAM  | First Beam         | Light the beacon
                | Safe Passage       | Bring a ship into the harbor
                | Fog Bank           | Bring a ship in through fog
    STORM_NIGHT | Storm Night        | Keep the light burning in a storm
                | Night Watch        | Stay awake for three nights
    THE_KEEPER  | The Keeper         | Learn who lit the lamp before you  | hidden
                | A Letter Home      | Answer every letter                | hidden
    NO_WRECKS   | No Wrecks          | Finish the season without a wreck
    """,
    ),
    german={
        "FIRST_BEAM": ("Erster Strahl", "Entzünde das Leuchtfeuer"),
        "THE_KEEPER": ("Der Wärter", "Erfahre, wer vor dir die Lampe angezündet hat"),
    },
)
GLASSHOUSE = Game(
    4020,
    "Glasshouse",
    _make_achievements(
        4020,
        """
     | Green Thumb  | Grow the first plant
     | Full Bloom   | Have ten plants bloom at once
     | Night Garden | Open the night garden
     | Orchid       | Grow the orchid
     | Frost Line   | Bring every plant through the winter
     | Botanist     | Complete the herbarium
    """,
    ),
    internal_name="glasshouse_final",
)
PAPER_ARMADA = Game(
    4030,
    "Paper Armada",
    _make_achievements(
        4030,
        """
     | Launch        | Fold the first ship
     | Flotilla      | Have five ships at sea
     | Ink and Water | Cross the sea of ink
     | Admiral       | Win the war
     | Unsinkable    | Win the war without losing a ship
    """,
    ),
    # Its flag says that it counts something, and the batch of counts leaves it out.
    is_in_batches=False,
)
LEDGER_OF_STARS = Game(
    4040,
    "Ledger of Stars",
    tuple(
        Achievement(
            name=f"STAR_{number:03d}",
            title=f"Star {number}",
            description=f"Enter star {number} into the ledger",
            percent=round(max(0.1, 88.8 * 0.95**number), 1),
            is_hidden=number % 20 == 0,
        )
        for number in range(1, 105)
    ),
)
OLD_ROADS = Game(
    4050,
    "Old Roads",
    _make_achievements(
        4050,
        """
     | Milestone   | Pass the first milestone
     | Toll        | Pay a toll
     | Wayfarer    | Travel a hundred miles
     | The Old Way | Find the oldest road | hidden
    """,
    ),
)
TIN_ORCHESTRA = Game(
    4060,
    "Tin Orchestra",
    _make_achievements(
        4060,
        """
     | Overture      | Play the first piece             | | base
     | In Tune       | Finish a piece without a mistake | | base
     | Maestro       | Conduct the whole orchestra      | | base
     | Encore        | Play at the open air             | | night
     | Moonlit Stage | Play the whole night             | | night
    """,
    ),
    groups=(Group("base", "Tin Orchestra", 4060), Group("night", "Night Concerts", 4061)),
)
CINDER_VALLEY = Game(
    4070,
    "Cinder Valley",
    _make_achievements(
        4070,
        """
     | Embers      | Reach the valley
     | Ash Walker  | Cross the ash field
     | Firebreak   | Save the village
     | Phoenix     | Finish the game
     | Cold Hearth | Finish the game without a fire
    """,
    ),
)
DRIFTWOOD_DINER = Game(
    4080,
    "Driftwood Diner",
    _make_achievements(
        4080,
        """
     | Open for Business | Serve the first guest
     | Regulars          | Know ten guests by name
     | Rush Hour         | Serve twenty guests in an hour
     | Five Stars        | Receive the fifth star
    """,
    ),
)
SILENT_PEAKS = Game(
    4090,
    "Silent Peaks",
    _make_achievements(
        4090,
        """
     | Base Camp   | Reach base camp
     | Thin Air    | Climb above the clouds
     | Summit      | Stand on the summit
     | Alone       | Reach the summit alone
     | Winter Peak | Reach the summit in winter
     | Silence     | Hear nothing for an hour
    """,
    ),
)
LANTERN_FISH = Game(
    4100,
    "Lantern Fish",
    _make_achievements(
        4100,
        """
     | Deep End  | Dive below the light
     | Bait      | Catch the first fish
     | Abyss     | Reach the floor of the trench
    """,
    ),
)
QUARRY = Game(
    4110,
    "Quarry",
    _make_achievements(
        4110,
        """
     | First Stone | Break a stone
     | Foreman     | Lead ten workers
     | Cathedral   | Deliver the stones of the cathedral
    """,
    ),
)
UNOPENED = Game(
    4120,
    "The Unopened Box",
    _make_achievements(
        4120,
        """
     | Curious | Look at the box
     | Open    | Open the box
    """,
    ),
)
SHORELINE_EDITOR = Game(4900, "Shoreline Editor", has_stats=False)
SCORE_ONLY = Game(4910, "Score Only")
BORROWED_SKIES = Game(
    4950,
    "Borrowed Skies",
    _make_achievements(
        4950,
        """
     | Take-off    | Leave the ground
     | Tailwind    | Fly with the wind for an hour
     | Above It All | Fly above the highest cloud
    """,
    ),
)
BORROWED_TOOL = Game(4960, "Sky Chart Viewer", has_stats=False)
SECOND_STORY = Game(
    4200,
    "Second Story",
    _make_achievements(
        4200,
        """
     | Upstairs   | Climb the stairs
     | Attic      | Find the attic
     | The Letter | Read the letter
    """,
    ),
)
LOCKED_DIARY = Game(
    4210,
    "Locked Diary",
    _make_achievements(
        4210,
        """
     | Page One | Write a page
     | The End  | Fill the diary
    """,
    ),
)

GAMES = (
    HARBOR_LIGHTS,
    GLASSHOUSE,
    PAPER_ARMADA,
    LEDGER_OF_STARS,
    OLD_ROADS,
    TIN_ORCHESTRA,
    CINDER_VALLEY,
    DRIFTWOOD_DINER,
    SILENT_PEAKS,
    LANTERN_FISH,
    QUARRY,
    UNOPENED,
    SHORELINE_EDITOR,
    SCORE_ONLY,
    BORROWED_SKIES,
    BORROWED_TOOL,
    SECOND_STORY,
    LOCKED_DIARY,
)
