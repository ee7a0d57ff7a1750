"""Writes settings into `.env`, readable by this user alone."""

import contextlib
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

from server.setting_files import parse_env, read_env_text

PLAIN_VALUE = re.compile(r"[\w.@:+/=-]+", re.ASCII)
ASSIGNMENT = re.compile(r"\s*(?:export\s+)?(\w+)\s*=")
FILE_MODE = 0o600


def write_settings(path: Path, values: Mapping[str, str]) -> None:
    """Set these values in the file and keep all other lines.

    Raise `ValueError` in one line for a file that cannot be read safely, or a value that it cannot
    hold; `OSError` when it cannot be written.
    """
    _replace(path, set_values(read_env_text(path), values))


def set_values(text: str, values: Mapping[str, str]) -> str:
    """Return the text of a file with these values; `ValueError` if it cannot hold one."""
    kept = [line for line in text.splitlines() if _get_name(line) not in values]
    added = [_format(name, value) for name, value in values.items()]
    changed = "".join(f"{line}\n" for line in [*kept, *added])
    written = parse_env(changed)
    if any(written.get(name) != value for name, value in values.items()):
        raise ValueError("cannot hold one of these values; set it in the environment")
    return changed


def _get_name(line: str) -> str | None:
    match = ASSIGNMENT.match(line)
    return match and match[1]


def _format(name: str, value: str) -> str:
    if PLAIN_VALUE.fullmatch(value):
        return f"{name}={value}"
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"{name}='{escaped}'"


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        temporary.replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):  # it was renamed
            temporary.unlink()
