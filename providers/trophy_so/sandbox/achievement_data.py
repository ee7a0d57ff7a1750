"""The metrics and achievements of an application for learning an instrument."""

from providers.trophy_so.sandbox.models import Definition, Metric

BADGES_URL = "https://badges.example/practice"
USER_COUNT = 800
LEADERBOARD_KEY = "most-notes"
LEADERBOARD_ID = "00000001-1ead-4000-8000-000000000001"

NOTES = Metric("00000001-3e72-4000-8000-000000000001", "notes", "notes played")
MINUTES = Metric("00000002-3e72-4000-8000-000000000002", "minutes", "minutes practised")
# The metric of the published sample, which its user needs.
WORDS = Metric("d01dcbcb-d51e-4c12-b054-dc811dcdc619", "words-written", "words written")
METRICS = (NOTES, MINUTES, WORDS)


def _make_achievement_id(number: int) -> str:
    return f"{number:08x}-ac41-4000-8000-{number:012x}"


_METRIC_ACHIEVEMENTS = (
    Definition(
        id=_make_achievement_id(1),
        key="first-notes",
        name="First notes",
        trigger="metric",
        other_earner_count=700,
        description="Play 10 notes.",
        badge_url=f"{BADGES_URL}/first-notes.png",
        metric=NOTES,
        metric_value=10,
    ),
    Definition(
        id=_make_achievement_id(2),
        key="thousand-notes",
        name="A thousand notes",
        trigger="metric",
        other_earner_count=238,
        badge_url=f"{BADGES_URL}/thousand-notes.png",
        metric=NOTES,
        metric_value=1000,
    ),
    Definition(
        id=_make_achievement_id(3),
        key="ten-thousand-notes",
        name="Ten thousand notes",
        trigger="metric",
        other_earner_count=32,
        description="Play 10,000 notes.",
        metric=NOTES,
        metric_value=10000,
    ),
    Definition(
        id=_make_achievement_id(4),
        key="hundred-hours",
        name="A hundred hours",
        trigger="metric",
        other_earner_count=4,
        description="Practise for 6,000 minutes.",
        badge_url=f"{BADGES_URL}/hundred-hours.png",
        metric=MINUTES,
        metric_value=6000,
    ),
    Definition(
        id=_make_achievement_id(5),
        key="night-shift",
        name="Night shift",
        trigger="metric",
        other_earner_count=40,
        description="Practise for 600 minutes in the evening.",
        badge_url=f"{BADGES_URL}/night-shift.png",
        metric=MINUTES,
        metric_value=600,
        user_attributes={"plan": "pro"},
        event_attributes={"daytime": "evening", "place": "home"},
    ),
    Definition(
        id=_make_achievement_id(6),
        key="songwriter",
        name="Songwriter",
        trigger="metric",
        other_earner_count=120,
        description="Write 100 words of lyrics.",
        badge_url=f"{BADGES_URL}/songwriter.png",
        metric=WORDS,
        metric_value=100,
    ),
    Definition(
        id=_make_achievement_id(7),
        key="pianist",
        name="Pianist",
        trigger="metric",
        other_earner_count=79,
        description="Play 500 notes on a piano.",
        badge_url=f"{BADGES_URL}/pianist.png",
        metric=NOTES,
        metric_value=500,
        event_attribute={"instrument": "piano"},
    ),
)

_STREAK_ACHIEVEMENTS = tuple(
    Definition(
        id=_make_achievement_id(7 + place),
        key=f"{days}-day-streak",
        name=name,
        trigger="streak",
        other_earner_count=others,
        description=f"Practise {days} days in a row.",
        badge_url=f"{BADGES_URL}/{days}-days.png",
        streak_length=days,
    )
    for place, (days, name, others) in enumerate(
        ((3, "Three in a row", 438), (7, "A week", 199), (30, "A month", 24)), 1
    )
)

_API_ACHIEVEMENTS = (
    Definition(
        id=_make_achievement_id(11),
        key="completed-onboarding",
        name="Welcome",
        trigger="api",
        other_earner_count=757,
        description="Set everything up.",
        badge_url=f"{BADGES_URL}/welcome.png",
    ),
    Definition(
        id=_make_achievement_id(12),
        key="shared-a-song",
        name="For all to hear",
        trigger="api",
        other_earner_count=100,
        description="Share a recording.",
        badge_url=f"{BADGES_URL}/shared.png",
    ),
    Definition(
        id=_make_achievement_id(13),
        key="beta-tester",
        name="Beta tester",
        trigger="api",
        other_earner_count=15,
        description="Tried what was not yet finished.",
        badge_url="http://badges.example/practice/beta.png",
        user_attributes={"plan": "pro"},
    ),
)

_COMPOSITE_ACHIEVEMENTS = (
    Definition(
        id=_make_achievement_id(14),
        key="all-rounder",
        name="All-rounder",
        trigger="achievement",
        other_earner_count=8,
        description="A bit of everything.",
        badge_url=f"{BADGES_URL}/all-rounder.png",
        achievement_ids=(
            _make_achievement_id(1),
            _make_achievement_id(8),
            _make_achievement_id(10),
            _make_achievement_id(12),
        ),
    ),
    Definition(
        id=_make_achievement_id(15),
        key="good-start",
        name="A good start",
        trigger="achievement",
        other_earner_count=398,
        description="Welcome, first notes and three in a row.",
        badge_url=f"{BADGES_URL}/good-start.png",
        achievement_ids=(
            _make_achievement_id(1),
            _make_achievement_id(8),
            _make_achievement_id(11),
        ),
    ),
)

# The documentation does not know this trigger; it tests how a reader treats an unknown one.
_UNKNOWN_TRIGGER_ACHIEVEMENTS = (
    Definition(
        id=_make_achievement_id(16),
        key="full-moon",
        name="Full moon",
        trigger="moon_phase",
        other_earner_count=1,
        description="Practise under a full moon.",
    ),
)

DEFINITIONS = (
    *_METRIC_ACHIEVEMENTS,
    *_STREAK_ACHIEVEMENTS,
    *_API_ACHIEVEMENTS,
    *_COMPOSITE_ACHIEVEMENTS,
    *_UNKNOWN_TRIGGER_ACHIEVEMENTS,
)
