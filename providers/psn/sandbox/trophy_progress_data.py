"""The progress of accounts in trophy sets."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from providers.psn.sandbox import constants
from providers.psn.sandbox.models import TrophySetProgress


def _space_unlocks(ids: Iterable[int], start: str, hours: int) -> dict[int, str]:
    begin = datetime.fromisoformat(start)
    return {
        trophy_id: (begin + timedelta(hours=hours * index)).strftime("%Y-%m-%dT%H:%M:%SZ")
        for index, trophy_id in enumerate(ids)
    }


_OWNER_PROGRESS = {
    "NPWR00001_00": TrophySetProgress(
        "2026-04-20T18:00:00Z",
        {3: "2026-04-20T18:31:07Z", 4: "2026-04-28T21:00:40Z", 1: "2026-05-04T03:02:01Z"},
        {2: (4, "2026-05-03T10:00:00Z")},
    ),
    "NPWR00002_00": TrophySetProgress(
        "2024-01-05T10:00:00Z", {3: "2024-01-05T11:12:13Z", 5: "2024-02-29T23:59:59Z"}
    ),
    "NPWR00003_00": TrophySetProgress(
        "2025-03-01T17:00:00Z",
        {
            **_space_unlocks((5, 6, 7, 8, 4, 3, 2), "2025-03-01T18:20:00Z", 31),
            1: "2025-04-02T20:45:10Z",
            0: "2025-04-02T20:45:10Z",
            **_space_unlocks((10, 11, 9), "2025-12-19T19:05:30Z", 27),
        },
    ),
    "NPWR00004_00": TrophySetProgress(
        "2025-06-01T08:00:00Z",
        {
            **_space_unlocks(range(10, 34), "2025-06-01T09:30:00Z", 17),
            **_space_unlocks((1, 4, 5, 6), "2025-07-04T22:10:00Z", 40),
            **_space_unlocks((42, 43, 44), "2026-01-10T15:00:00Z", 9),
        },
    ),
    "NPWR00005_00": TrophySetProgress(
        "2024-03-10T12:00:00Z", _space_unlocks((4, 5, 2), "2024-03-10T13:00:00Z", 50)
    ),
    "NPWR00006_00": TrophySetProgress(
        "2024-06-15T06:00:00Z", _space_unlocks((2, 3, 4, 1), "2024-06-15T07:30:00Z", 22)
    ),
    "NPWR00007_00": TrophySetProgress(
        "2024-11-01T16:00:00Z",
        _space_unlocks((6, 7, 8, 9, 3, 1, 12, 13), "2024-11-01T17:15:45Z", 36),
    ),
    "NPWR00008_00": TrophySetProgress(
        "2026-09-30T18:00:00Z",
        {4: "2026-09-30T19:00:00Z", 6: "2026-10-04T02:02:02Z", 8: "2026-10-11T13:13:13Z"},
        {2: (31, "2026-10-20T20:20:20Z"), 7: (1, "2026-10-12T08:00:00Z")},
    ),
    "NPWR00009_00": TrophySetProgress("2025-01-01T00:00:01Z"),
    "NPWR00010_00": TrophySetProgress(
        "2026-03-01T09:00:00Z",
        _space_unlocks((1, 2, 3), "2026-03-01T09:30:00Z", 5),
        hidden=True,
    ),
    "NPWR00011_00": TrophySetProgress(
        "2026-02-12T18:00:00Z",
        {
            **_space_unlocks((5, 6, 2), "2026-02-12T18:40:00Z", 11),
            7: "2026-02-14T19:30:00Z",
            8: "2026-02-15T10:10:10Z",
        },
    ),
    "NPWR00012_00": TrophySetProgress(
        "2026-02-01T20:00:00Z",
        {**_space_unlocks((3, 4), "2026-02-01T20:30:00Z", 48), 1: "2026-02-14T19:30:00Z"},
        {2: (0, "2026-02-01T20:45:00Z")},
    ),
    "NPWR00013_00": TrophySetProgress(
        "2024-08-08T08:00:00Z",
        _space_unlocks((7, 8, 9, 3, 1, 15), "2024-08-08T09:00:00Z", 60),
    ),
    "NPWR00014_00": TrophySetProgress(
        "2024-05-05T05:00:00Z", _space_unlocks((3, 4, 5, 1, 2, 0), "2024-05-05T06:00:00Z", 14)
    ),
}

_FRIEND_PROGRESS = {
    "NPWR00001_00": TrophySetProgress(
        "2025-08-01T10:00:00Z",
        _space_unlocks((3, 4, 2, 5, 1, 0, 6, 7), "2025-08-01T11:00:00Z", 29),
    ),
    "NPWR00004_00": TrophySetProgress(
        "2026-06-06T06:00:00Z", _space_unlocks((10, 11, 12), "2026-06-06T07:00:00Z", 3)
    ),
    "NPWR00016_00": TrophySetProgress(
        "2026-08-20T20:00:00Z", _space_unlocks((4, 5, 6, 1), "2026-08-20T20:30:00Z", 12)
    ),
}

_STRANGER_PROGRESS = {
    "NPWR00002_00": TrophySetProgress(
        "2025-02-02T02:00:00Z", _space_unlocks((3,), "2025-02-02T02:02:02Z", 1)
    )
}

_RENAMED_PROGRESS = {
    "NPWR00005_00": TrophySetProgress(
        "2026-07-07T07:00:00Z", _space_unlocks((4,), "2026-07-07T07:07:07Z", 1)
    ),
    "NPWR00013_00": TrophySetProgress("2026-07-20T12:00:00Z"),
}

_SECOND_PROGRESS = {
    "NPWR00001_00": TrophySetProgress(
        "2026-10-01T10:00:00Z",
        {3: "2026-10-01T10:30:00Z", 6: "2026-10-02T11:00:00Z"},
        {2: (8, "2026-10-03T12:00:00Z")},
    ),
    "NPWR00003_00": TrophySetProgress(
        "2026-04-01T10:00:00Z",
        _space_unlocks((5, 6, 7), "2026-04-01T11:00:00Z", 20),
        {4: (2, "2026-04-03T09:00:00Z")},
    ),
    "NPWR00008_00": TrophySetProgress("2026-08-15T15:00:00Z"),
    "NPWR00015_00": TrophySetProgress(
        "2026-06-21T12:00:00Z",
        _space_unlocks((2, 3, 1), "2026-06-21T12:30:00Z", 24),
        hidden=True,
    ),
}


_PROGRESS_BY_ACCOUNT: Mapping[str, Mapping[str, TrophySetProgress]] = {
    constants.OWNER_ACCOUNT_ID: _OWNER_PROGRESS,
    constants.FRIEND_ACCOUNT_ID: _FRIEND_PROGRESS,
    constants.STRANGER_ACCOUNT_ID: _STRANGER_PROGRESS,
    constants.RENAMED_ACCOUNT_ID: _RENAMED_PROGRESS,
    constants.SECOND_ACCOUNT_ID: _SECOND_PROGRESS,
}


def make_trophy_progress() -> dict[tuple[str, str], TrophySetProgress]:
    """Make the progress by account and set, because a test may change it."""
    return {
        (account_id, np_communication_id): replace(
            each, earned=dict(each.earned), counters=dict(each.counters)
        )
        for account_id, progress_by_set in _PROGRESS_BY_ACCOUNT.items()
        for np_communication_id, each in progress_by_set.items()
    }
