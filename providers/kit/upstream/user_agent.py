"""The `User-Agent` of all requests to upstreams: the program and its version."""

from importlib.metadata import PackageNotFoundError, version

PROGRAM = "trophycase"


def read_version() -> str:
    """Return the version in the package's metadata; 0 for a copy that is not installed."""
    try:
        return version(PROGRAM)
    except PackageNotFoundError:
        return "0"


VERSION = read_version()
USER_AGENT = f"{PROGRAM}/{VERSION}"
