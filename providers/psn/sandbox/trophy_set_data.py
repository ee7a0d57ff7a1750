"""The trophy sets: a table of titles, groups and trophies."""

from dataclasses import replace

from providers.psn.sandbox.models import Trophy, TrophyGroup, TrophySet, parse_localized_text

_Group = tuple[TrophyGroup, tuple[Trophy, ...]]


def _make_trophy(
    grade: str,
    rate: float,
    name: str,
    detail: str,
    *,
    hidden: bool = False,
    target: int | None = None,
    reward: str | None = None,
) -> tuple[Trophy, ...]:
    prize = None if reward is None else parse_localized_text(reward)
    return (
        Trophy(
            0,
            "",
            grade,
            rate,
            parse_localized_text(name),
            parse_localized_text(detail),
            hidden,
            target,
            prize,
        ),
    )


def _make_trophies(
    grade: str, count: int, rate: float, step: float, name: str, detail: str
) -> tuple[Trophy, ...]:
    rows: list[Trophy] = []
    for number in range(1, count + 1):
        row = _make_trophy(grade, rate, name.format(n=number), detail.format(n=number))
        rows += row
        rate = round(rate - step, 1)
    return tuple(rows)


def _make_group(group_id: str, name: str, *trophies: tuple[Trophy, ...]) -> _Group:
    rows = (row for some in trophies for row in some)
    return (
        TrophyGroup(group_id, parse_localized_text(name)),
        tuple(replace(row, group_id=group_id) for row in rows),
    )


def _make_set(
    np_communication_id: str,
    service: str,
    version: str,
    platform: str,
    name: str,
    *groups: _Group,
) -> TrophySet:
    rows = (row for _, trophies in groups for row in trophies)
    return TrophySet(
        np_communication_id,
        service,
        version,
        platform,
        parse_localized_text(name),
        tuple(group for group, _ in groups),
        tuple(replace(row, trophy_id=index) for index, row in enumerate(rows)),
    )


TROPHY_SETS = (
    _make_set(
        "NPWR00001_00",
        "trophy2",
        "01.02",
        "PS5,PSPC",
        "Sample Quest|Musterreise",
        _make_group(
            "default",
            "Sample Quest|Musterreise",
            _make_trophy(
                "platinum", 1.9, "Quest Complete|Reise beendet", "Earn all.|Verdiene alle."
            ),
            _make_trophy(
                "gold", 8.0, "The Long Road|Der lange Weg", "Reach the sea.|Erreiche das Meer."
            ),
            _make_trophy(
                "bronze",
                61.5,
                "Nine Lanterns|Neun Laternen",
                "Light nine lanterns.|Zünde neun Laternen an.",
                hidden=True,
                target=9,
            ),
            _make_trophy(
                "bronze", 88.4, "First Step|Erster Schritt", "Leave home.|Verlasse dein Haus."
            ),
            _make_trophy(
                "bronze", 54.2, "Old Bridge|Alte Brücke", "Cross the river.|Quere den Fluss."
            ),
            _make_trophy(
                "silver", 21.3, "Mapmaker|Kartograf", "See every region.|Sieh alle Gebiete."
            ),
        ),
        _make_group(
            "001",
            "The Lost Island|Die verlorene Insel",
            _make_trophy(
                "bronze", 30.7, "Castaway|Gestrandet", "Land on the island.|Lande auf der Insel."
            ),
            _make_trophy(
                "silver", 4.4, "Tide Turner|Gezeitenwende", "Free the tide.|Befreie die Flut."
            ),
        ),
    ),
    _make_set(
        "NPWR00002_00",
        "trophy",
        "01.01",
        "PS4",
        "Sample Quest|Musterreise",
        _make_group(
            "default",
            "Sample Quest|Musterreise",
            _make_trophy(
                "platinum", 3.6, "Quest Complete|Reise beendet", "Earn all.|Verdiene alle."
            ),
            _make_trophy(
                "gold", 11.9, "The Long Road|Der lange Weg", "Reach the sea.|Erreiche das Meer."
            ),
            _make_trophy(
                "silver", 27.0, "Mapmaker|Kartograf", "See every region.|Sieh alle Gebiete."
            ),
            _make_trophy(
                "bronze", 90.1, "First Step|Erster Schritt", "Leave home.|Verlasse dein Haus."
            ),
            _make_trophy(
                "bronze", 49.9, "Old Bridge|Alte Brücke", "Cross the river.|Quere den Fluss."
            ),
            _make_trophy(
                "bronze",
                12.2,
                "Behind the Falls|Hinter dem Wasserfall",
                "Find the hermit.|Finde den Einsiedler.",
                hidden=True,
            ),
        ),
    ),
    _make_set(
        "NPWR00003_00",
        "trophy2",
        "01.05",
        "PS5",
        "Harbor Lights|Hafenlichter",
        _make_group(
            "default",
            "Harbor Lights|Hafenlichter",
            _make_trophy("platinum", 3.1, "Lighthouse Keeper|Leuchtturmwärter", "Earn all.|Alle."),
            _make_trophy("gold", 3.1, "Every Ship Home|Alle Schiffe heim", "Save all.|Rette alle."),
            _make_trophy(
                "gold",
                15.0,
                "Storm Season|Sturmzeit",
                "Survive the storm.|Überstehe den Sturm.",
                reward="Yellow Raincoat|Gelber Regenmantel",
            ),
            _make_trophy(
                "silver", 5.0, "Fog Horn|Nebelhorn", "Sound it.|Lass es tönen.", hidden=True
            ),
            _make_trophy(
                "silver", 50.0, "Night Watch|Nachtwache", "Stay up.|Bleib wach.", target=7
            ),
            _make_trophies(
                "bronze", 4, 95.2, 9.3, "Berth {n}|Liegeplatz {n}", "Moor {n}.|Lege an {n} an."
            ),
        ),
        _make_group(
            "001",
            "Winter Harbor|Winterhafen",
            _make_trophy("gold", 6.6, "Icebreaker|Eisbrecher", "Open the ice.|Brich das Eis."),
            _make_trophies(
                "bronze", 2, 40.0, 12.5, "Sledge {n}|Schlitten {n}", "Ride {n}.|Fahre {n}."
            ),
        ),
    ),
    _make_set(
        "NPWR00004_00",
        "trophy",
        "01.10",
        "PS4",
        "Iron Orchard|Eiserner Obstgarten",
        _make_group(
            "default",
            "Iron Orchard|Eiserner Obstgarten",
            _make_trophy("platinum", 0.8, "Head Gardener|Obergärtner", "Earn all.|Verdiene alle."),
            _make_trophies(
                "gold", 3, 9.0, 2.1, "Great Harvest {n}|Große Ernte {n}", "Reap {n}.|Ernte {n}."
            ),
            _make_trophies(
                "silver", 6, 38.0, 4.0, "Graft {n}|Pfropfung {n}", "Graft {n}.|Pfropfe {n}."
            ),
            _make_trophies(
                "bronze", 30, 92.0, 2.0, "Rusty Apple {n}|Rostapfel {n}", "Pick {n}.|Pflücke {n}."
            ),
        ),
        _make_group(
            "001",
            "The Copper Hive|Der Kupferstock",
            _make_trophies("silver", 2, 14.0, 5.5, "Queen {n}|Königin {n}", "Meet {n}.|Triff {n}."),
            _make_trophies(
                "bronze", 8, 31.0, 2.5, "Honey Gear {n}|Honigrad {n}", "Turn {n}.|Drehe {n}."
            ),
        ),
        _make_group(
            "002",
            "Scrap Season|Schrottzeit",
            _make_trophy("gold", 2.2, "Last Leaf|Letztes Blatt", "Wait.|Warte.", hidden=True),
            _make_trophies(
                "bronze", 5, 24.0, 3.0, "Scrap {n}|Schrott {n}", "Collect {n}.|Sammle {n}."
            ),
        ),
    ),
    _make_set(
        "NPWR00005_00",
        "trophy",
        "01.00",
        "PS3",
        "Paper Comet|Papierkomet",
        _make_group(
            "default",
            "Paper Comet|Papierkomet",
            _make_trophy("platinum", 6.3, "Astronomer|Astronom", "Earn all.|Verdiene alle."),
            _make_trophy("gold", 10.4, "Tail of Ink|Tintenschweif", "Finish.|Beende es."),
            _make_trophies("silver", 2, 33.0, 8.0, "Orbit {n}|Umlauf {n}", "Fly {n}.|Fliege {n}."),
            _make_trophies("bronze", 4, 81.0, 11.0, "Fold {n}|Falz {n}", "Fold {n}.|Falte {n}."),
        ),
    ),
    _make_set(
        "NPWR00006_00",
        "trophy",
        "01.00",
        "PSVITA",
        "Pocket Kingdoms|Taschenreiche",
        _make_group(
            "default",
            "Pocket Kingdoms|Taschenreiche",
            _make_trophy("gold", 7.7, "High King|Hochkönig", "Rule all.|Herrsche über alle."),
            _make_trophy(
                "silver", 18.2, "Treaty|Vertrag", "Make peace.|Schließe Frieden.", hidden=True
            ),
            _make_trophies("bronze", 10, 77.0, 6.0, "Castle {n}|Burg {n}", "Hold {n}.|Halte {n}."),
        ),
    ),
    _make_set(
        "NPWR00007_00",
        "trophy",
        "01.03",
        "PS3,PSVITA,PS4",
        "Three-Way Street|Dreiwegstraße",
        _make_group(
            "default",
            "Three-Way Street|Dreiwegstraße",
            _make_trophy("platinum", 12.5, "Roundabout|Kreisverkehr", "Earn all.|Verdiene alle."),
            _make_trophies("gold", 2, 20.0, 5.0, "Detour {n}|Umweg {n}", "Drive {n}.|Fahre {n}."),
            _make_trophies(
                "silver", 3, 44.0, 7.0, "Junction {n}|Kreuzung {n}", "Turn {n}.|Biege ab {n}."
            ),
            _make_trophies(
                "bronze", 6, 84.0, 5.0, "Block {n}|Block {n}", "Pass {n}.|Passiere {n}."
            ),
        ),
        _make_group(
            "001",
            "Night Shift|Nachtschicht",
            _make_trophies("bronze", 3, 15.0, 5.0, "Taxi {n}|Taxi {n}", "Hail {n}.|Rufe {n}."),
        ),
    ),
    _make_set(
        "NPWR00008_00",
        "trophy2",
        "01.07",
        "PS5",
        "Deep Signal|Tiefes Signal",
        _make_group(
            "default",
            "Deep Signal|Tiefes Signal",
            _make_trophy(
                "platinum", 0.4, "Full Spectrum|Volles Spektrum", "Earn all.|Verdiene alle."
            ),
            _make_trophy("gold", 4.9, "Bottom|Grund", "Touch down.|Setze auf.", hidden=True),
            _make_trophy("silver", 29.5, "Echo|Echo", "Hear 50 echoes.|Höre 50 Echos.", target=50),
            _make_trophy(
                "silver", 16.4, "Archive|Archiv", "Read 120 logs.|Lies 120 Logs.", target=120
            ),
            _make_trophy("bronze", 73.1, "Ping|Ping", "Send 10 pings.|Sende 10 Pings.", target=10),
            _make_trophy("bronze", 66.6, "Airlock|Luftschleuse", "Step out.|Geh hinaus."),
            _make_trophy("bronze", 9.8, "It Answers|Es antwortet", "Listen.|Lausche.", hidden=True),
        ),
        _make_group(
            "001",
            "Upper Band|Oberes Band",
            _make_trophy(
                "silver", 5.1, "Static|Rauschen", "Clear 3 bands.|Kläre 3 Bänder.", target=3
            ),
            _make_trophy("bronze", 22.8, "Antenna|Antenne", "Raise it.|Richte sie auf."),
        ),
        _make_group(
            "002",
            "Lower Band|Unteres Band",
            _make_trophy("gold", 1.2, "Absolute Zero|Absoluter Nullpunkt", "Freeze.|Gefriere."),
        ),
    ),
    _make_set(
        "NPWR00009_00",
        "trophy",
        "01.00",
        "PS4",
        "Morning Bell|Morgenglocke",
        _make_group(
            "default",
            "Morning Bell|Morgenglocke",
            _make_trophy("platinum", 2.0, "Belfry|Glockenturm", "Earn all.|Verdiene alle."),
            _make_trophies("silver", 2, 35.0, 9.0, "Chime {n}|Klang {n}", "Ring {n}.|Läute {n}."),
            _make_trophies("bronze", 5, 70.0, 8.0, "Rope {n}|Seil {n}", "Pull {n}.|Ziehe {n}."),
        ),
    ),
    _make_set(
        "NPWR00010_00",
        "trophy2",
        "01.00",
        "PS5",
        "Quiet Garden|Stiller Garten",
        _make_group(
            "default",
            "Quiet Garden|Stiller Garten",
            _make_trophy("gold", 55.0, "Full Bloom|Volle Blüte", "Grow all.|Lass alles wachsen."),
            _make_trophies("bronze", 4, 97.0, 6.0, "Seed {n}|Samen {n}", "Plant {n}.|Pflanze {n}."),
        ),
    ),
    _make_set(
        "NPWR00011_00",
        "trophy",
        "01.01",
        "PS4",
        "Glass Circuit|Glaskreislauf",
        _make_group(
            "default",
            "Glass Circuit|Glaskreislauf",
            _make_trophy("platinum", 4.0, "Clear Run|Klarer Lauf", "Earn all.|Verdiene alle."),
            _make_trophy(
                "gold", 13.3, "No Cracks|Keine Risse", "Win unharmed.|Gewinne unversehrt."
            ),
            _make_trophies("silver", 3, 28.0, 4.0, "Lap {n}|Runde {n}", "Race {n}.|Fahre {n}."),
            _make_trophies("bronze", 6, 68.0, 7.0, "Gate {n}|Tor {n}", "Pass {n}.|Passiere {n}."),
        ),
    ),
    _make_set(
        "NPWR00012_00",
        "trophy2",
        "01.01",
        "PS5",
        "Night Ferry|Nachtfähre",
        _make_group(
            "default",
            "Night Ferry|Nachtfähre",
            _make_trophy(
                "platinum", 7.2, "Harbour Master|Hafenmeister", "Earn all.|Verdiene alle."
            ),
            _make_trophy("gold", 14.8, "Far Shore|Fernes Ufer", "Arrive.|Komm an."),
            _make_trophy(
                "silver", 26.1, "Passenger|Passagier", "Talk to 12.|Sprich mit 12.", target=12
            ),
            _make_trophies(
                "bronze", 4, 80.0, 10.0, "Crossing {n}|Überfahrt {n}", "Sail {n}.|Segle {n}."
            ),
        ),
    ),
    _make_set(
        "NPWR00013_00",
        "trophy",
        "01.02",
        "PSVITA,PS4",
        "Stone Choir|Steinchor",
        _make_group(
            "default",
            "Stone Choir|Steinchor",
            _make_trophy("platinum", 5.5, "Final Chord|Schlussakkord", "Earn all.|Verdiene alle."),
            _make_trophies("gold", 2, 17.0, 4.0, "Verse {n}|Strophe {n}", "Sing {n}.|Singe {n}."),
            _make_trophies("silver", 4, 45.0, 6.0, "Voice {n}|Stimme {n}", "Find {n}.|Finde {n}."),
            _make_trophies(
                "bronze", 8, 89.0, 5.0, "Note {n}|Note {n}", "Strike {n}.|Schlage {n} an."
            ),
        ),
        _make_group(
            "001",
            "Encore|Zugabe",
            _make_trophies(
                "bronze", 4, 20.0, 2.0, "Bow {n}|Verbeugung {n}", "Bow {n}.|Verbeuge dich {n}."
            ),
        ),
    ),
    _make_set(
        "NPWR00014_00",
        "trophy",
        "01.00",
        "PS3",
        "Rocket Diner|Raketenimbiss",
        _make_group(
            "default",
            "Rocket Diner|Raketenimbiss",
            _make_trophy("gold", 45.0, "Five Stars|Fünf Sterne", "Serve all.|Bediene alle."),
            _make_trophies("silver", 2, 60.0, 6.0, "Menu {n}|Karte {n}", "Cook {n}.|Koche {n}."),
            _make_trophies(
                "bronze", 3, 93.0, 8.0, "Order {n}|Bestellung {n}", "Take {n}.|Nimm {n} auf."
            ),
        ),
    ),
    _make_set(
        "NPWR00015_00",
        "trophy2",
        "01.00",
        "PS5",
        "Second Sun|Zweite Sonne",
        _make_group(
            "default",
            "Second Sun|Zweite Sonne",
            _make_trophy("platinum", 8.8, "High Noon|Mittag", "Earn all.|Verdiene alle."),
            _make_trophy("gold", 19.0, "Eclipse|Finsternis", "Hide it.|Verbirg sie."),
            _make_trophies("bronze", 5, 76.0, 9.0, "Ray {n}|Strahl {n}", "Catch {n}.|Fange {n}."),
        ),
    ),
    _make_set(
        "NPWR00016_00",
        "trophy",
        "01.04",
        "PS4",
        "Far Meadow|Ferne Wiese",
        _make_group(
            "default",
            "Far Meadow|Ferne Wiese",
            _make_trophy("platinum", 10.0, "Shepherd|Schäfer", "Earn all.|Verdiene alle."),
            _make_trophies("silver", 3, 41.0, 6.0, "Fence {n}|Zaun {n}", "Mend {n}.|Flicke {n}."),
            _make_trophies("bronze", 7, 86.0, 7.0, "Sheep {n}|Schaf {n}", "Find {n}.|Finde {n}."),
        ),
    ),
    _make_set(
        "NPWR00017_00",
        "trophy2",
        "01.00",
        "PS5",
        "Unopened Box|Ungeöffnete Kiste",
        _make_group(
            "default",
            "Unopened Box|Ungeöffnete Kiste",
            _make_trophy("platinum", 25.0, "Opened|Geöffnet", "Earn all.|Verdiene alle."),
            _make_trophies(
                "bronze", 3, 90.0, 10.0, "Layer {n}|Schicht {n}", "Peel {n}.|Schäle {n}."
            ),
        ),
    ),
)
