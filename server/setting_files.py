"""Files that hold settings: `.env`, and the file of a secret that a setting `NAME_FILE` names.

Every function raises `ValueError` in one line that shows nothing of the content.
"""

import os
import stat
from pathlib import Path

from dotenv import dotenv_values

MAX_SECRET_BYTES = 64 * 1024
ROOT_UID = 0


def read_env_file(path: Path) -> dict[str, str]:
    """Return a file's settings letter by letter; none when there is no such file.

    A file of another user, root excepted, is refused like one that others can write.
    """
    try:
        # Some editors begin a file with a byte order mark, which is no part of the first name.
        with path.open(encoding="utf-8-sig") as file:
            status = os.fstat(file.fileno())
            if status.st_uid not in (os.geteuid(), ROOT_UID):
                raise ValueError("belongs to another user")
            _check_writers(status)
            values = dotenv_values(stream=file, interpolate=False)
    except (FileNotFoundError, IsADirectoryError):  # a virtual environment may have this name
        return {}
    except UnicodeDecodeError:  # whose words show what is in it
        raise ValueError("has to be text in UTF-8") from None
    except OSError as error:
        raise ValueError(error.strerror or "cannot be read") from None
    return {name: value or "" for name, value in values.items()}


def read_secret_file(path: Path) -> str:
    """Return the secret in a file, without white space around it."""
    try:
        with path.open("rb") as file:
            _check_writers(os.fstat(file.fileno()))
            content = file.read(MAX_SECRET_BYTES + 1)
        secret = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise ValueError("has to name a text file in UTF-8") from None
    except OSError as error:
        raise ValueError(error.strerror or "cannot be read") from None
    if not secret or len(content) > MAX_SECRET_BYTES:
        raise ValueError("has to name a file with a secret, of at most 64 KiB")
    return secret


def _check_writers(status: os.stat_result) -> None:
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise ValueError("can be written by others")
