"""What the commands do, apart from serving."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from providers.capabilities import Health
from providers.errors import NotConfigured
from providers.kit.upstream.upstream_client import SharedServices
from providers.psn.client import PsnClient
from providers.registry import Source
from schema.graph import build_schema
from schema.printing import print_sdl
from server.cost.annotations import annotate_subgraph
from server.services import create_transport, open_services
from server.settings import SettingError, Settings

NPSSO_SETTING = "PSN_NPSSO"


def render_sdl(
    *, federation: bool, node: bool = True, live: bool = True, annotated: bool = False
) -> str:
    """Return the SDL of the graph, or of the federation subgraph, which can be annotated."""
    graph = build_schema(with_node=node, live=live)
    sdl = graph.sdl if federation else print_sdl(graph)
    return (annotate_subgraph(sdl) if annotated else sdl).rstrip() + "\n"


async def sign_in_psn(settings: Settings, read_npsso: Callable[[], str]) -> str:
    """Sign the operator in with a pasted NPSSO, and store the refresh token in the state directory.

    It is read once the client id and secret are known to be set. Return what to tell them: the
    sign-in is not used while `PSN_NPSSO` is set to another NPSSO.
    """
    async with _open_psn_client(settings) as client:
        await client.sign_in_with(read_npsso())
        health = client.get_health()
    # A server only logs that it cannot store the sign-in; for this command it is a failure.
    if await _get_stored_health(_without_npsso(settings)) != health:
        raise SettingError("TROPHYCASE_STATE_DIR", "the sign-in cannot be stored there")
    signed_in = _describe_sign_in(health, settings)
    if await _get_stored_health(settings) != health:
        return f"{signed_in} {NPSSO_SETTING} is set to another NPSSO, which is used instead of it."
    return signed_in


async def get_psn_tokens(settings: Settings) -> dict[str, str | None]:
    """Return the operator's tokens, signing in if necessary."""
    async with _open_psn_client(settings) as client:
        return await client.get_tokens()


def _describe_sign_in(health: Health, settings: Settings) -> str:
    until = health.credential_expires_at
    duration = f" until {until:%Y-%m-%d} at most" if until else ""
    return f"Signed in{duration}. The sign-in is stored in {settings.state_dir}."


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
            raise NotConfigured(
                "PSN is not configured; set PSN_CLIENT_ID and PSN_CLIENT_SECRET.", source="PSN"
            )
        yield client
