"""Reads files with settings: `.env`, and the file that a setting `NAME_FILE` names for a secret.

Each function raises `ValueError` with one line that shows nothing of the content.
"""

import os
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values

from providers.kit.file_permissions import is_own, is_writable_by_others

MAX_SECRET_BYTES = 64 * 1024


def read_env_file(path: Path) -> dict[str, str]:
    """Return a file's settings, taken literally; none if there is no such file.

    Raise `ValueError` for a file that others can write, or that belongs to another user than root.
    """
    return parse_env(read_env_text(path))


def read_env_text(path: Path) -> str:
    """Return the text of such a file; empty if there is none. Raise `ValueError` likewise."""
    try:
        # Some editors put a byte order mark before the first name.
        with path.open(encoding="utf-8-sig") as file:
            status = os.fstat(file.fileno())
            if not is_own(status, or_of_root=True):
                raise ValueError("must belong to the user of this process, or to root")
            _check_writers(status)
            return file.read()
    except (FileNotFoundError, IsADirectoryError):  # a virtual environment may have this name
        return ""
    except UnicodeDecodeError:  # its message shows the content
        raise ValueError("must be text in UTF-8") from None
    except OSError as error:
        raise ValueError(error.strerror or "cannot be read") from None


def parse_env(text: str) -> dict[str, str]:
    """Return the settings in the text of a file, taken literally."""
    values = dotenv_values(stream=StringIO(text), interpolate=False)
    return {name: value or "" for name, value in values.items()}


def read_secret_file(path: Path) -> str:
    """Return the secret in a file, without white space around it."""
    try:
        with path.open("rb") as file:
            _check_writers(os.fstat(file.fileno()))
            content = file.read(MAX_SECRET_BYTES + 1)
        secret = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise ValueError("must name a text file in UTF-8") from None
    except OSError as error:
        raise ValueError(error.strerror or "cannot be read") from None
    if not secret or len(content) > MAX_SECRET_BYTES:
        raise ValueError("must name a file with a secret of at most 64 KiB")
    return secret


def _check_writers(status: os.stat_result) -> None:
    if is_writable_by_others(status):
        raise ValueError("must not be writable by others")
