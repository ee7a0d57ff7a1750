"""The users and how far they are."""

from providers.trophy_so.sandbox import fixture
from providers.trophy_so.sandbox.model import User


def users() -> dict[str, User]:
    """All users, made anew."""
    everyone = (_vega(), _second(), _team(), _fresh(), _sample())
    return {user.id: user for user in everyone}


def _vega() -> User:
    return User(
        id=fixture.OWNER,
        name="Vega",
        tz="Europe/Berlin",
        email="vega@mail.example",
        created="2024-01-10T08:00:00.000Z",
        updated="2026-10-13T19:30:00.000Z",
        device_tokens=["vega-telephone"],
        attributes={"plan": "pro"},
        metrics={"notes": 4200, "minutes": 450.5},
        streak=12,
        achieved={
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


def _second() -> User:
    return User(
        id=fixture.SECOND,
        name="Second User",
        tz="America/New_York",
        email="second@mail.example",
        created="2024-05-05T12:00:00.000Z",
        attributes={"plan": "free"},
        metrics={"notes": 37, "minutes": 21},
        streak=1,
        achieved={
            "completed-onboarding": "2024-05-05T12:10:00.000Z",
            "first-notes": "2024-05-06T12:00:00.000Z",
        },
    )


def _team() -> User:
    return User(
        id=fixture.TEAM,
        name="Team Blue",
        tz="Asia/Tokyo",
        created="2024-09-01T00:00:00.000Z",
        subscribed=False,
        metrics={"notes": 2310, "minutes": 1200},
        streak=5,
        achieved={
            "completed-onboarding": "2024-09-01T00:30:00.000Z",
            "first-notes": "2024-09-02T01:00:00.000Z",
            "3-day-streak": "2024-09-04T01:00:00.000Z",
            "good-start": "2024-09-04T01:00:00.000Z",
            "thousand-notes": "2025-11-11T11:11:11.000Z",
        },
    )


def _fresh() -> User:
    return User(id=fixture.FRESH, created="2026-10-13T22:00:00.000Z")


def _sample() -> User:
    return User(
        id=fixture.SAMPLE,
        name="User",
        tz="Europe/London",
        email="user@mail.example",
        created="2020-12-31T00:00:00.000Z",
        metrics={"words-written": 520},
        streak=4,
    )
