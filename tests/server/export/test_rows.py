"""Rows of an export."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from providers.records import (
    Achievement,
    AchievementPoints,
    Image,
    Rarity,
    RarityBand,
    Title,
    TrophyGrade,
)
from providers.registry import Source
from resolvers.context import AccountRef
from resolvers.export.account_export import ExportedTitle
from server.export.rows import COLUMNS, CSV, JSON_LINES, build_rows, encode_header, encode_rows
from tests.server.export.exported import parse_csv, parse_json_lines

ACCOUNT = AccountRef(Source.PSN, "me")
TITLE = Title(native_id="T1", name="Deep, Signal", platforms=("PS4", "PS5"))
ACHIEVEMENT = Achievement(
    native_id="7",
    group_id="default",
    name='Say "hi"\nagain',
    earned=True,
    earned_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    grade=TrophyGrade.GOLD,
    points=AchievementPoints(value=90, unit="TROPHY_POINTS"),
    rarity=Rarity(percent=4.5, band=RarityBand.ULTRA_RARE),
    icon=Image(url="https://image.invalid/7.png"),
)


def encode(exported: ExportedTitle, form: str) -> str:
    """Return an export of one title."""
    rows = build_rows(ACCOUNT, "vega", exported)
    return (encode_header(form) + encode_rows(rows, form)).decode()


def test_a_row_has_every_column() -> None:
    (row,) = parse_json_lines(encode(ExportedTitle(TITLE, (ACHIEVEMENT,)), JSON_LINES))

    assert row == {
        "source": "PSN",
        "account": "vega",
        "titleId": "T1",
        "titleName": "Deep, Signal",
        "platforms": ["PS4", "PS5"],
        "groupId": "default",
        "achievementId": "7",
        "name": 'Say "hi"\nagain',
        "description": None,
        "earned": True,
        "earnedAt": "2026-01-02T03:04:05Z",
        "unlockMode": None,
        "grade": "GOLD",
        "points": 90,
        "pointsUnit": "TROPHY_POINTS",
        "rarityPercent": 4.5,
        "hidden": False,
        "iconUrl": "https://image.invalid/7.png",
    }
    assert tuple(row) == COLUMNS


def test_csv_has_the_same_values_as_texts() -> None:
    (row,) = parse_csv(encode(ExportedTitle(TITLE, (ACHIEVEMENT,)), CSV))

    assert [row["platforms"], row["name"], row["description"], row["earned"], row["earnedAt"]] == [
        "PS4;PS5",
        'Say "hi"\nagain',
        "",
        "true",
        "2026-01-02T03:04:05Z",
    ]
    assert (row["points"], row["rarityPercent"], row["hidden"]) == ("90", "4.5", "false")


def test_a_title_without_achievements_has_one_row() -> None:
    (row,) = parse_json_lines(encode(ExportedTitle(TITLE), JSON_LINES))

    assert (row["titleId"], row["achievementId"], row["earned"]) == ("T1", None, None)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_text_is_a_formula_in_a_spreadsheet(text: str) -> None:
    exported = ExportedTitle(TITLE, (Achievement(native_id="7", name=text),))

    (row,) = parse_csv(encode(exported, CSV))
    (exact,) = parse_json_lines(encode(exported, JSON_LINES))

    assert (row["name"], exact["name"]) == (f"'{text}", text)


def test_the_columns_are_the_documented_ones() -> None:
    text = (Path(__file__).parents[3] / "docs" / "export.md").read_text()

    assert tuple(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == COLUMNS
