"""The `User-Agent` of all requests to upstreams: the program and its version."""

from importlib.metadata import PackageNotFoundError, version

PROGRAM = "trophycase"


def build_user_agent() -> str:
    """Build the header from the package's metadata; a copy that is not installed has no version."""
    try:
        return f"{PROGRAM}/{version(PROGRAM)}"
    except PackageNotFoundError:
        return PROGRAM


USER_AGENT = build_user_agent()
