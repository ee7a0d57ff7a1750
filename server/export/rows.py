"""Rows of an export: one for each achievement, in JSON lines or CSV."""

import csv
from collections.abc import Iterable
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import msgspec
from msgspec import Struct

from providers.records import Achievement, Title
from resolvers.context import AccountRef
from resolvers.export.account_export import ExportedTitle

JSON_LINES, CSV = "jsonl", "csv"
FORMATS = (JSON_LINES, CSV)
PLATFORM_SEPARATOR = ";"
# A spreadsheet takes a text that begins like this for a formula, and executes it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class ExportRow(Struct, frozen=True, rename="camel"):
    """A title's achievement; null is unknown. A title without achievements has one row."""

    source: str
    account: str
    title_id: str | None = None
    title_name: str | None = None
    platforms: tuple[str, ...] | None = None
    group_id: str | None = None
    achievement_id: str | None = None
    name: str | None = None
    description: str | None = None
    earned: bool | None = None
    earned_at: datetime | None = None
    unlock_mode: str | None = None
    grade: str | None = None
    points: int | None = None
    points_unit: str | None = None
    rarity_percent: float | None = None
    hidden: bool | None = None
    icon_url: str | None = None


FIELDS = msgspec.structs.fields(ExportRow)
COLUMNS = tuple(each.encode_name for each in FIELDS)
# A title in a file: its source, the account, and its id, or "" for achievements without a title.
TitleKey = tuple[str, str, str]


def build_title_key(account: AccountRef, handle: str, title: Title | None, form: str) -> TitleKey:
    """Build the key of a title as its rows contain it."""
    title_id = title.native_id if title else ""
    if form == CSV:
        handle, title_id = _escape_formula(handle), _escape_formula(title_id)
    return account.source.name, handle, title_id


def build_rows(account: AccountRef, handle: str, exported: ExportedTitle) -> list[ExportRow]:
    """Build the rows of a title, or of the achievements without one."""
    names = (account.source.name, handle)
    title = exported.title
    if title is not None and not exported.achievements:
        return [ExportRow(*names, title.native_id, title.name, title.platforms)]
    return [_build_row(names, title, each) for each in exported.achievements]


def _build_row(names: tuple[str, str], title: Title | None, achievement: Achievement) -> ExportRow:
    points, rarity, icon = achievement.points, achievement.rarity, achievement.icon
    return ExportRow(
        *names,
        title_id=title and title.native_id,
        title_name=title and title.name,
        platforms=title and title.platforms,
        group_id=achievement.group_id,
        achievement_id=achievement.native_id,
        name=achievement.name,
        description=achievement.description,
        earned=achievement.earned,
        earned_at=achievement.earned_at,
        unlock_mode=achievement.unlock_mode and achievement.unlock_mode.value,
        grade=achievement.grade and achievement.grade.value,
        points=points and points.value,
        points_unit=points and points.unit,
        rarity_percent=rarity and rarity.percent,
        hidden=achievement.hidden,
        icon_url=icon and icon.url,
    )


def encode_header(form: str) -> bytes:
    """Return the first line of an export; JSON lines have none."""
    return _encode_csv([COLUMNS]) if form == CSV else b""


def encode_rows(rows: Iterable[ExportRow], form: str) -> bytes:
    """Encode rows as lines."""
    if form == CSV:
        return _encode_csv(map(_build_cells, rows))
    return b"".join(msgspec.json.encode(row) + b"\n" for row in rows)


def _encode_csv(lines: Iterable[Iterable[str]]) -> bytes:
    text = StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    return text.getvalue().encode("utf-8", "surrogatepass")


def _build_cells(row: ExportRow) -> list[str]:
    cells = msgspec.structs.asdict(row) | {
        "platforms": PLATFORM_SEPARATOR.join(row.platforms or ())
    }
    return list(map(_format_cell, cells.values()))


def _format_cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case str():
            return _escape_formula(value)
        case _:
            return str(value)


def _escape_formula(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
