"""Check of the packages beside `server`, whose names other distributions use as well."""

import sys
from importlib.util import find_spec
from pathlib import Path

SIBLINGS = ("schema", "resolvers", "providers")
EXIT_USAGE = 2


def stop_for_foreign_packages() -> None:
    """Exit with one line if another distribution's package would be imported instead of ours."""
    for name in SIBLINGS:
        if not is_sibling(name):
            sys.stderr.write(
                f"trophycase: `{name}` is not the one beside `server`;"
                " start it as `python -m trophycase`\n"
            )
            sys.exit(EXIT_USAGE)


def is_sibling(name: str) -> bool:
    """Return whether a package is found in the folder that this package is in."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        return False
    return Path(spec.origin).resolve().parents[1] == Path(__file__).resolve().parents[1]
