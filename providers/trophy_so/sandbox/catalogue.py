"""The account of an application for people who learn an instrument."""

from providers.trophy_so.sandbox.model import Definition, Metric

BADGES = "https://badges.example/practice"
POPULATION = 800
LEADERBOARD = "most-notes"
LEADERBOARD_ID = "00000001-1ead-4000-8000-000000000001"

NOTES = Metric("00000001-3e72-4000-8000-000000000001", "notes", "notes played")
MINUTES = Metric("00000002-3e72-4000-8000-000000000002", "minutes", "minutes practised")
# The sample reply's metric, so that its user stands somewhere.
WORDS = Metric("d01dcbcb-d51e-4c12-b054-dc811dcdc619", "words-written", "words written")
METRICS = (NOTES, MINUTES, WORDS)


def _id(number: int) -> str:
    return f"{number:08x}-ac41-4000-8000-{number:012x}"


_METRIC = (
    Definition(
        id=_id(1),
        key="first-notes",
        name="First notes",
        trigger="metric",
        others=700,
        description="Play 10 notes.",
        badge_url=f"{BADGES}/first-notes.png",
        metric=NOTES,
        metric_value=10,
    ),
    Definition(
        id=_id(2),
        key="thousand-notes",
        name="A thousand notes",
        trigger="metric",
        others=238,
        badge_url=f"{BADGES}/thousand-notes.png",
        metric=NOTES,
        metric_value=1000,
    ),
    Definition(
        id=_id(3),
        key="ten-thousand-notes",
        name="Ten thousand notes",
        trigger="metric",
        others=32,
        description="Play 10,000 notes.",
        metric=NOTES,
        metric_value=10000,
    ),
    Definition(
        id=_id(4),
        key="hundred-hours",
        name="A hundred hours",
        trigger="metric",
        others=4,
        description="Practise for 6,000 minutes.",
        badge_url=f"{BADGES}/hundred-hours.png",
        metric=MINUTES,
        metric_value=6000,
    ),
    Definition(
        id=_id(5),
        key="night-shift",
        name="Night shift",
        trigger="metric",
        others=40,
        description="Practise for 600 minutes in the evening.",
        badge_url=f"{BADGES}/night-shift.png",
        metric=MINUTES,
        metric_value=600,
        user_attributes={"plan": "pro"},
        event_attributes={"daytime": "evening", "place": "home"},
    ),
    Definition(
        id=_id(6),
        key="songwriter",
        name="Songwriter",
        trigger="metric",
        others=120,
        description="Write 100 words of lyrics.",
        badge_url=f"{BADGES}/songwriter.png",
        metric=WORDS,
        metric_value=100,
    ),
    Definition(
        id=_id(7),
        key="pianist",
        name="Pianist",
        trigger="metric",
        others=79,
        description="Play 500 notes on a piano.",
        badge_url=f"{BADGES}/pianist.png",
        metric=NOTES,
        metric_value=500,
        event_attribute={"instrument": "piano"},
    ),
)

_STREAK = tuple(
    Definition(
        id=_id(7 + place),
        key=f"{days}-day-streak",
        name=name,
        trigger="streak",
        others=others,
        description=f"Practise {days} days in a row.",
        badge_url=f"{BADGES}/{days}-days.png",
        streak_length=days,
    )
    for place, (days, name, others) in enumerate(
        ((3, "Three in a row", 438), (7, "A week", 199), (30, "A month", 24)), 1
    )
)

_API = (
    Definition(
        id=_id(11),
        key="completed-onboarding",
        name="Welcome",
        trigger="api",
        others=757,
        description="Set everything up.",
        badge_url=f"{BADGES}/welcome.png",
    ),
    Definition(
        id=_id(12),
        key="shared-a-song",
        name="For all to hear",
        trigger="api",
        others=100,
        description="Share a recording.",
        badge_url=f"{BADGES}/shared.png",
    ),
    Definition(
        id=_id(13),
        key="beta-tester",
        name="Beta tester",
        trigger="api",
        others=15,
        description="Tried what was not yet finished.",
        badge_url="http://badges.example/practice/beta.png",
        user_attributes={"plan": "pro"},
    ),
)

_COMPOSITE = (
    Definition(
        id=_id(14),
        key="all-rounder",
        name="All-rounder",
        trigger="achievement",
        others=8,
        description="A bit of everything.",
        badge_url=f"{BADGES}/all-rounder.png",
        achievement_ids=(_id(1), _id(8), _id(10), _id(12)),
    ),
    Definition(
        id=_id(15),
        key="good-start",
        name="A good start",
        trigger="achievement",
        others=398,
        description="Welcome, first notes and three in a row.",
        badge_url=f"{BADGES}/good-start.png",
        achievement_ids=(_id(1), _id(8), _id(11)),
    ),
)

# No published document knows this trigger: what a reader does about it can be seen here.
_UNKNOWN = (
    Definition(
        id=_id(16),
        key="full-moon",
        name="Full moon",
        trigger="moon_phase",
        others=1,
        description="Practise under a full moon.",
    ),
)

DEFINITIONS = (*_METRIC, *_STREAK, *_API, *_COMPOSITE, *_UNKNOWN)
