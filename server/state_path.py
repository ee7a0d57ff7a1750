"""Where the state directory is when no setting names it."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

PROGRAM = "trophycase"


def find_state_directory(environ: Mapping[str, str]) -> Path:
    """Return the folder of the user's state for this program, as the system has it.

    What earlier versions stored in the one folder for all systems is still used there. Raise
    `RuntimeError` for a user without a home directory.
    """
    base = environ.get("XDG_STATE_HOME", "").strip()
    usual = Path(base or "~/.local/state").expanduser() / PROGRAM
    native = usual if base else _find_native_directory() or usual
    return usual if usual.is_dir() and not native.is_dir() else native


def _find_native_directory() -> Path | None:
    try:
        platformdirs = import_module("platformdirs")
    except ImportError:  # it is installed where the system has a rule of its own
        return None
    return Path(platformdirs.user_state_dir(PROGRAM, appauthor=False))
