"""The games: invented ones, and two that the published samples name."""

from providers.retroachievements.sandbox.models import (
    MISSABLE,
    PROGRESSION,
    WIN_CONDITION,
    Achievement,
    Game,
)

CONSOLES = {
    1: "Genesis/Mega Drive",
    2: "Nintendo 64",
    3: "SNES/Super Famicom",
    4: "Game Boy",
    5: "Game Boy Advance",
    7: "NES/Famicom",
    12: "PlayStation",
    18: "Nintendo DS",
    100: "Hubs",
    101: "Events",
    102: "Standalones",
}
ACHIEVEMENT_TYPES = {"p": PROGRESSION, "w": WIN_CONDITION, "m": MISSABLE, "-": None}


def _make_game(
    game_id: int,
    title: str,
    console_id: int,
    players: int,
    lines: str,
    *,
    parent_id: int | None = None,
    released: str | None = None,
) -> Game:
    rows = [line.split("|") for line in lines.strip().splitlines()]
    return Game(
        id=game_id,
        title=title,
        console_id=console_id,
        players=players,
        achievements=tuple(
            _make_achievement(game_id, index, row, players, len(rows))
            for index, row in enumerate(rows)
        ),
        parent_id=parent_id,
        released=released,
    )


def _make_achievement(
    game_id: int, index: int, row: list[str], players: int, count: int
) -> Achievement:
    mark, points, title, description = (cell.strip() for cell in row)
    earners = max(2, round(players * 0.9 * 0.7**index))
    return Achievement(
        # The ids descend, so that the order by id differs from the order of display.
        id=game_id * 100 + count - index,
        title=title,
        description=description,
        points=int(points),
        type=ACHIEVEMENT_TYPES[mark],
        order=index + 1,
        earners=earners,
        hardcore_earners=round(earners * 0.6),
    )


LANTERN_KEEP = _make_game(
    101,
    "Lantern Keep",
    7,
    2140,
    """
p |  5 | First Light          | Light the lantern in the gatehouse
p |  5 | The Dry Well         | Climb down the well in the courtyard
- |  5 | Wick and Wax         | Carry three candles at once
p | 10 | The Bell Tower       | Ring the bell at midnight
m | 10 | Nobody Left Behind   | Free the stable boy before the tower falls
- | 10 | Moth Hunter          | Catch all nine moths
w | 25 | Keeper of the Flame  | Finish the game
- | 50 | By Starlight Alone   | Finish the game without lighting a torch
""",
    released="1989-10-20",
)
COMET_COURIER = _make_game(
    212,
    "Comet Courier",
    3,
    1875,
    """
p |  3 | Postage Paid         | Deliver the first letter
p |  5 | Ring Road            | Deliver a parcel through the rings
p |  5 | Dark Side            | Find the mailbox on the far side of the moon
- |  5 | Tailwind             | Ride a comet's tail for ten seconds
p | 10 | Red Dust             | Deliver all letters on the red planet
w | 25 | Last Collection      | Finish the final route
- | 10 | No Return Address    | Deliver the letter that has no sender
- | 10 | Express              | Finish any route in under two minutes
m | 10 | Stamp Collector      | Collect every stamp on the first route
- | 25 | Perfect Postmaster   | Finish every route without losing a parcel
""",
    released="1993-04-02",
)
TIDEWATER_TACTICS = _make_game(
    305,
    "Tidewater Tactics",
    5,
    960,
    """
p |  5 | Low Tide             | Win the first battle
p |  5 | Harbour Master       | Take the harbour without losing a ship
- |  5 | Sea Shanty           | Recruit the bosun
p | 10 | The Narrows          | Hold the narrows for six turns
- | 10 | Ghost Fleet          | Meet the fleet that is not there
m | 10 | A Fair Wind          | Spare the smuggler in chapter four
w | 25 | High Water           | Finish the campaign
- | 25 | Admiral              | Finish the campaign on the highest difficulty
""",
    released="2002-11-15",
)
TIDEWATER_BONUS = _make_game(
    306,
    "Tidewater Tactics [Subset - Bonus]",
    5,
    140,
    """
- |  5 | One Ship Only        | Win chapter one with a single ship
- |  5 | Dead Calm            | Win chapter two without using wind
- | 10 | Paper Boats          | Win chapter three without any upgrade
- | 10 | Against the Current  | Win chapter four sailing upstream only
- | 25 | Message in a Bottle  | Win chapter five in six turns
- | 50 | Flat as a Mirror     | Finish the campaign without taking damage
""",
    parent_id=305,
)
QUIET_ORCHARD = _make_game(
    418,
    "Quiet Orchard",
    4,
    610,
    """
p |  5 | Windfall             | Pick the first apple
- |  5 | Beekeeper            | Calm the hive
p | 10 | Grafting             | Grow two kinds of fruit on one tree
m | 10 | Early Frost          | Save the harvest from the frost
w | 25 | Harvest Home         | Finish the third year
- | 25 | Cider House          | Fill every barrel
""",
    released="1992-09-30",
)
SIGNAL_STATIC = _make_game(
    523,
    "Signal Static",
    12,
    1330,
    """
p |  5 | Hello?               | Answer the first call
p |  5 | Crossed Lines        | Hear two calls at once
- |  5 | Number Station       | Write down the numbers
p | 10 | Basement Level       | Restore the power
- | 10 | Dead Air             | Listen to silence for a full minute
p | 10 | The Other Operator   | Meet the other operator
- | 10 | Ghost in the Exchange | Find the room that is not on the plan
w | 25 | Hang Up              | Finish the game
m | 10 | Wrong Number         | Dial the number from the prologue
- | 25 | All Endings          | See all four endings
""",
    released="1999-03-11",
)
PUDDLE_RACERS = _make_game(
    640,
    "Puddle Racers",
    2,
    2875,
    """
p |  5 | Splash               | Finish a race
- |  5 | Rubber Boots         | Win with the slowest racer
p | 10 | Drizzle Cup          | Win the drizzle cup
- | 10 | Umbrella Drift       | Drift for eight seconds
p | 10 | Downpour Cup         | Win the downpour cup
w | 25 | Monsoon Cup          | Win the monsoon cup
m | 10 | Dry Socks            | Finish a race without touching a puddle
- | 50 | Flood Warning        | Beat every record of the developers
""",
    released="1998-06-26",
)
GLASS_CARTOGRAPHER = _make_game(
    731,
    "Glass Cartographer",
    18,
    745,
    """
p |  3 | Blank Page           | Draw the first line
p |  5 | Shoreline            | Map the whole coast
- |  5 | Here Be Dragons      | Draw something that is not there
p |  5 | River's End          | Follow the river to the sea
- |  5 | True North           | Calibrate the compass
p | 10 | The Shattered Pass   | Cross the pass
- | 10 | Contour Lines        | Map a mountain from three sides
p | 10 | Under Glass          | Enter the glasshouse
m | 10 | Lost Expedition      | Find the camp before the snow
- | 10 | Ink Well             | Never run out of ink
- | 25 | Atlas                | Complete every map
w | 25 | The Edge of the Map  | Finish the game
""",
    released="2008-05-22",
)
MOSS_AND_MARROW = _make_game(
    850,
    "Moss & Marrow",
    1,
    505,
    """
p |  5 | Rootbound            | Leave the grove
- |  5 | Mushroom Ring        | Dance in the ring
p |  5 | Stone Soup           | Cook for the giant
- | 10 | Old Bones            | Assemble the skeleton
p | 10 | The Hollow Hill      | Enter the hill
- | 10 | Lichen               | Stand still for a whole season
w | 25 | Evergreen            | Finish the game
m | 10 | Last Leaf            | Keep the leaf until the end
- | 10 | Petrified            | Survive the winter without a coat
- | 50 | Deep Time            | Finish the game in a single life
""",
    released="1994-12-08",
)
NIGHT_BUS_NINE = _make_game(
    919,
    "Night Bus Nine",
    12,
    320,
    """
p |  5 | Fare Please          | Pick up the first passenger
p |  5 | Diversion            | Find a way around the closed bridge
- |  5 | Exact Change         | Give the right change ten times in a row
p | 10 | The Quiet Stop       | Stop where nobody waits
m | 10 | Lost Property        | Return the violin
w | 25 | Terminus             | Reach the terminus
- | 25 | Timetable            | Drive a whole night without being late
""",
    released="2000-02-18",
)
WARIOWARE = _make_game(
    802,
    "WarioWare, Inc.: Mega Microgames!",
    5,
    5200,
    """
p |  5 | Invented One         | Stands for an achievement of this game
p |  5 | Invented Two         | Stands for an achievement of this game
- |  5 | Invented Three       | Stands for an achievement of this game
p | 10 | Invented Four        | Stands for an achievement of this game
- | 10 | Invented Five        | Stands for an achievement of this game
w | 25 | Invented Six         | Stands for an achievement of this game
""",
)
MEGA_MAN = _make_game(
    1448,
    "Mega Man",
    7,
    9800,
    """
p |  5 | Invented One         | Stands for an achievement of this game
p |  5 | Invented Two         | Stands for an achievement of this game
p | 10 | Invented Three       | Stands for an achievement of this game
p | 10 | Invented Four        | Stands for an achievement of this game
p | 10 | Invented Five        | Stands for an achievement of this game
w | 25 | Invented Six         | Stands for an achievement of this game
- | 25 | Invented Seven       | Stands for an achievement of this game
""",
)

GAMES = (
    LANTERN_KEEP,
    COMET_COURIER,
    TIDEWATER_TACTICS,
    TIDEWATER_BONUS,
    QUIET_ORCHARD,
    SIGNAL_STATIC,
    PUDDLE_RACERS,
    GLASS_CARTOGRAPHER,
    MOSS_AND_MARROW,
    NIGHT_BUS_NINE,
    WARIOWARE,
    MEGA_MAN,
)
