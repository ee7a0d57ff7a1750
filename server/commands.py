"""What the commands do, apart from serving."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

from providers.capabilities import Health
from providers.errors import NotConfigured, ProviderError, Unauthenticated
from providers.kit.upstream.upstream_client import SharedServices
from providers.psn.client import PsnClient
from providers.registry import Source
from schema.graph import build_schema
from schema.printing import print_sdl
from server.services import create_transport, open_services
from server.settings import SettingError, Settings

NPSSO_SETTING = "PSN_NPSSO"
SIGNED_IN = "Signed in. The sign-in is stored in the state directory."


def render_sdl(*, federation: bool, node: bool = True, live: bool = True) -> str:
    """Return the SDL of the graph, or of the federation subgraph."""
    graph = build_schema(with_node=node, live=live)
    return (graph.sdl if federation else print_sdl(graph)).rstrip() + "\n"


async def check_sources(settings: Settings) -> tuple[list[str], bool]:
    """Sign in to each configured source and call it once.

    Return one line per source, and whether every configured source works.
    """
    lines: list[str] = []
    healthy = True
    async with create_transport() as transport:
        services = open_services(SharedServices(transport), settings)
        for source in Source:
            client = services[source].get_operator_client()
            if client is None:
                missing = ", ".join(settings.get_missing(source))
                lines.append(f"{source.name}: not configured; set {missing}")
                continue
            try:
                await client.verify()
                lines.append(f"{source.name}: fine")
            except Unauthenticated as error:
                healthy = False
                lines.append(f"{source.name}: the operator must sign in again. {error.message}")
            except ProviderError as error:
                healthy = False
                lines.append(f"{source.name}: {error.code}. {error.message}")
    return lines, healthy


async def sign_in_psn(settings: Settings, text: str) -> str:
    """Sign the operator in with a pasted NPSSO, and store the refresh token in the state directory.

    Return what to tell them: the sign-in is not used while `PSN_NPSSO` is set to another NPSSO.
    """
    async with _open_psn_client(settings) as client:
        await client.sign_in_with(text)
        health = client.get_health()
    # A server only logs that it cannot store the sign-in; for this command it is a failure.
    if await _get_stored_health(_without_npsso(settings)) != health:
        raise SettingError("TROPHYCASE_STATE_DIR", "the sign-in cannot be stored there")
    if await _get_stored_health(settings) != health:
        return f"{SIGNED_IN} {NPSSO_SETTING} is set to another NPSSO, which is used instead of it."
    return SIGNED_IN


async def get_psn_tokens(settings: Settings) -> dict[str, str | None]:
    """Return the operator's tokens, signing in if necessary."""
    async with _open_psn_client(settings) as client:
        return await client.get_tokens()


def _without_npsso(settings: Settings) -> Settings:
    psn_settings = {**settings.sources[Source.PSN], NPSSO_SETTING: ""}
    return replace(settings, sources={**settings.sources, Source.PSN: psn_settings})


async def _get_stored_health(settings: Settings) -> Health:
    async with _open_psn_client(settings) as client:
        return client.get_health()


@asynccontextmanager
async def _open_psn_client(settings: Settings) -> AsyncGenerator[PsnClient]:
    async with create_transport() as transport:
        client = open_services(SharedServices(transport), settings)[
            Source.PSN
        ].get_operator_client()
        if not isinstance(client, PsnClient):
            raise NotConfigured("PSN is not configured; set PSN_CLIENT_ID.", source="PSN")
        yield client
