"""Rows of an export, parsed."""

import csv
import json
from io import StringIO
from typing import Any

from server.export.rows import COLUMNS


def parse_json_lines(text: str) -> list[dict[str, Any]]:
    """Parse the rows of JSON lines."""
    return [json.loads(line) for line in text.splitlines()]


def parse_csv(text: str) -> list[dict[str, str]]:
    """Parse the rows of CSV, and check the header."""
    rows = csv.DictReader(StringIO(text, newline=""))
    found = list(rows)
    assert rows.fieldnames == list(COLUMNS)
    return found
