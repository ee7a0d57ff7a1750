"""What the commands do besides serving."""

from typing import Any

from providers.errors import NotConfigured, ProviderError, Unauthenticated
from providers.kit.upstream.upstream_client import SharedServices
from providers.registry import Source
from schema.graph import build_schema
from schema.printing import print_sdl
from server.app import create_http_client, open_services
from server.settings import SettingError, Settings


def render_sdl(*, federation: bool, node: bool = True) -> str:
    """The SDL: the graph's own, or the subgraph's."""
    graph = build_schema(with_node=node)
    return (graph.sdl if federation else print_sdl(graph)).rstrip() + "\n"


async def check_sources(settings: Settings) -> tuple[list[str], bool]:
    """Sign in to each configured source and ask it once; a line each, and whether all is well."""
    lines: list[str] = []
    healthy = True
    async with create_http_client(None) as http:
        services = open_services(SharedServices(http), settings)
        for source in Source:
            client = services[source].get_operator_client()
            if client is None:
                needed = ", ".join(settings.get_missing(source))
                lines.append(f"{source.name}: not configured; set {needed}")
                continue
            try:
                await client.verify()
                lines.append(f"{source.name}: fine")
            except Unauthenticated as error:
                healthy = False
                lines.append(f"{source.name}: a person must sign in again. {error.message}")
            except ProviderError as error:
                healthy = False
                lines.append(f"{source.name}: {error.code}. {error.message}")
    return lines, healthy


async def sign_in_psn(settings: Settings, npsso: str) -> str:
    """Sign the operator in with an NPSSO and keep the refresh token."""
    async with create_http_client(None) as http:
        client = _get_psn_client(SharedServices(http), settings)
        await client.sign_in_with(npsso)
        # Whoever starts next has to find it: a server goes on without, a login is for that alone.
        if _get_psn_client(SharedServices(http), settings).get_health() != client.get_health():
            raise SettingError("TROPHYCASE_STATE_DIR", "the sign-in could not be kept there")
    return "Signed in; the sign-in is kept in the state directory."


async def get_psn_tokens(settings: Settings) -> dict[str, Any]:
    """The operator's tokens."""
    async with create_http_client(None) as http:
        return await _get_psn_client(SharedServices(http), settings).get_tokens()


def _get_psn_client(services: SharedServices, settings: Settings) -> Any:
    client = open_services(services, settings)[Source.PSN].get_operator_client()
    if client is None:
        raise NotConfigured("PSN is not configured; set PSN_CLIENT_ID.", source="PSN")
    return client
