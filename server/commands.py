"""What the commands do besides serving."""

from typing import Any

from providers.errors import NotConfigured, ProviderError, Unauthenticated
from providers.kit.upstream.upstream_client import Kit
from providers.registry import Source
from schema.graph import build
from schema.printing import plain_sdl
from server.app import http_client, open_services
from server.settings import SettingError, Settings


def printed(*, federation: bool, node: bool = True) -> str:
    """The SDL: the graph's own, or the subgraph's."""
    graph = build(node=node)
    return (graph.sdl if federation else plain_sdl(graph)).rstrip() + "\n"


async def check(settings: Settings) -> tuple[list[str], bool]:
    """Sign in to each configured source and ask it once; a line each, and whether all is well."""
    lines: list[str] = []
    fine = True
    async with http_client(None) as http:
        services = open_services(Kit(http), settings)
        for source in Source:
            client = services[source].operator()
            if client is None:
                needed = ", ".join(settings.missing(source))
                lines.append(f"{source.name}: not configured; set {needed}")
                continue
            try:
                await client.verify()
                lines.append(f"{source.name}: fine")
            except Unauthenticated as error:
                fine = False
                lines.append(f"{source.name}: a person must sign in again. {error.message}")
            except ProviderError as error:
                fine = False
                lines.append(f"{source.name}: {error.code}. {error.message}")
    return lines, fine


async def psn_login(settings: Settings, npsso: str) -> str:
    """Sign the operator in with an NPSSO and keep the refresh token."""
    async with http_client(None) as http:
        client = _psn(Kit(http), settings)
        await client.sign_in_with(npsso)
        # Whoever starts next has to find it: a server goes on without, a login is for that alone.
        if _psn(Kit(http), settings).health() != client.health():
            raise SettingError("TROPHYCASE_STATE_DIR", "the sign-in could not be kept there")
    return "Signed in; the sign-in is kept in the state directory."


async def psn_tokens(settings: Settings) -> dict[str, Any]:
    """The operator's tokens."""
    async with http_client(None) as http:
        return await _psn(Kit(http), settings).tokens()


def _psn(kit: Kit, settings: Settings) -> Any:
    client = open_services(kit, settings)[Source.PSN].operator()
    if client is None:
        raise NotConfigured("PSN is not configured; set PSN_CLIENT_ID.", source="PSN")
    return client
