"""Log lines for people, on a terminal."""

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from typing import Any

from server.observability.json_logging import FIELDS, MAX_FRAMES

PLAIN_TEXT = re.compile(r"[\w.:/+-]+", re.ASCII)


class TextFormatter(logging.Formatter):
    """One line per record: time in UTC, level, message, and the fields that are not empty."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        fields: dict[str, Any] = getattr(record, FIELDS, {})
        words = [
            time,
            f"{record.levelname.lower():<7}",
            _escape(record.getMessage()),
            *(f"{name}={_format_value(each)}" for name, each in fields.items() if has_news(each)),
        ]
        if record.exc_info and record.exc_info[0] is not None:
            words.append(record.exc_info[0].__name__)
            frames = traceback.extract_tb(record.exc_info[2])[-MAX_FRAMES:]
            words += [f"\n    {each.filename}:{each.lineno} {each.name}" for each in frames]
        return " ".join(words)


def has_news(value: Any) -> bool:
    """Return whether a field says something: no null, and nothing empty."""
    return value is not None and value not in ("", [], (), {})


def _format_value(value: Any) -> str:
    if isinstance(value, str) and PLAIN_TEXT.fullmatch(value):
        return value
    # ASCII only, so that no text from a request can control the terminal.
    return json.dumps(value, default=str, separators=(",", ":"))


def _escape(text: str) -> str:
    return text if text.isascii() and text.isprintable() else json.dumps(text)
