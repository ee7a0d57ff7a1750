"""trophycase, a GraphQL server for achievements: `trophycase` and `python -m trophycase`.

An installation has its packages in the folder `_trophycase` beside this module, where no other
distribution's `schema` or `server` meets them; in the repository they are beside it.
"""

import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

try:
    __version__ = version("trophycase")
except PackageNotFoundError:  # a copy of the repository that is not installed
    __version__ = "0"

EXIT_INTERRUPTED = 130
_HERE = Path(__file__).absolute().parent
_PRIVATE_FOLDER = _HERE / "_trophycase"


def main() -> int:
    """Run the command of the command line, and return the exit code."""
    # Before everything: another `server` may be in the working directory or beside this module.
    sys.path.insert(0, str(_PRIVATE_FOLDER if _PRIVATE_FOLDER.is_dir() else _HERE))
    try:
        from server.__main__ import main as run_command  # noqa: PLC0415 - found only now
    except KeyboardInterrupt:  # imports take a second
        return EXIT_INTERRUPTED
    return run_command()


if __name__ == "__main__":
    sys.exit(main())
