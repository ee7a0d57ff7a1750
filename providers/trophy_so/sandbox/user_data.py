"""The users and their progress."""

from providers.trophy_so.sandbox import constants
from providers.trophy_so.sandbox.models import User


def make_users() -> dict[str, User]:
    """Make the users, because a test may change them."""
    users = (_make_vega(), _make_second(), _make_team(), _make_fresh(), _make_sample())
    return {user.id: user for user in users}


def _make_vega() -> User:
    return User(
        id=constants.OWNER_ID,
        name="Vega",
        tz="Europe/Berlin",
        email="vega@mail.example",
        created_at="2024-01-10T08:00:00.000Z",
        updated_at="2026-10-13T19:30:00.000Z",
        device_tokens=["vega-telephone"],
        attributes={"plan": "pro"},
        metrics={"notes": 4200, "minutes": 450.5},
        streak=12,
        earned={
            "completed-onboarding": "2024-01-10T08:05:00.000Z",
            "first-notes": "2024-01-14T18:20:05.000Z",
            "3-day-streak": "2024-01-17T17:45:12.000Z",
            "good-start": "2024-01-17T17:45:12.000Z",
            "7-day-streak": "2024-03-02T20:10:00.000Z",
            "thousand-notes": "2024-06-02T09:00:30.500Z",
            "pianist": "2025-03-21T16:00:00.000Z",
            "beta-tester": "2026-10-01T10:00:00.000Z",
        },
    )


def _make_second() -> User:
    return User(
        id=constants.SECOND_ID,
        name="Second User",
        tz="America/New_York",
        email="second@mail.example",
        created_at="2024-05-05T12:00:00.000Z",
        attributes={"plan": "free"},
        metrics={"notes": 37, "minutes": 21},
        streak=1,
        earned={
            "completed-onboarding": "2024-05-05T12:10:00.000Z",
            "first-notes": "2024-05-06T12:00:00.000Z",
        },
    )


def _make_team() -> User:
    return User(
        id=constants.TEAM_ID,
        name="Team Blue",
        tz="Asia/Tokyo",
        created_at="2024-09-01T00:00:00.000Z",
        is_subscribed=False,
        metrics={"notes": 2310, "minutes": 1200},
        streak=5,
        earned={
            "completed-onboarding": "2024-09-01T00:30:00.000Z",
            "first-notes": "2024-09-02T01:00:00.000Z",
            "3-day-streak": "2024-09-04T01:00:00.000Z",
            "good-start": "2024-09-04T01:00:00.000Z",
            "thousand-notes": "2025-11-11T11:11:11.000Z",
        },
    )


def _make_fresh() -> User:
    return User(id=constants.FRESH_ID, created_at="2026-10-13T22:00:00.000Z")


def _make_sample() -> User:
    return User(
        id=constants.SAMPLE_ID,
        name="User",
        tz="Europe/London",
        email="user@mail.example",
        created_at="2020-12-31T00:00:00.000Z",
        metrics={"words-written": 520},
        streak=4,
    )
