"""The line that a server prints once it accepts connections."""

from collections.abc import Sequence

from providers.kit.upstream.user_agent import VERSION
from providers.registry import Source
from server.settings import Settings

LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where every address is bound
NOTHING_CONFIGURED = (
    "no source is configured: `trophycase setup` asks for credentials, --sandbox needs none"
)


def format_url(host: str, port: int) -> str:
    """Return the base address of a host, which may be an IPv6 address."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def describe_start(
    settings: Settings, sources: Sequence[Source], host: str, port: int, path: str
) -> str:
    """Return the address, version and sources, and what to open in a browser."""
    names = ", ".join(source.name for source in sources) or NOTHING_CONFIGURED
    kind = "sandbox of " if settings.sandbox else ""
    line = f"trophycase serves {format_url(host, port)}{path} (version {VERSION}; {kind}{names})"
    opened = format_url(LOOPBACK.get(host, host), port)
    explorer = f", and {opened}{path} to query the graph" if settings.graphiql else ""
    return f"{line}. Open {opened}/ in a browser for the trophy case{explorer}."
