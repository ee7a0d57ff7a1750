"""The application: its routes, and what it opens when it starts."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from providers.capabilities import Service
from providers.kit.caching.cache import Cache
from providers.kit.rate_limiting.caller_quota import CallerBudget
from providers.kit.rate_limiting.rate_limiter import Gates
from providers.kit.shared.shared_store import Shared
from providers.kit.upstream.connection_pool import Pools
from providers.kit.upstream.upstream_client import CONNECT_SECONDS, READ_SECONDS, Kit
from providers.registry import Source
from schema.graph import build
from server.apq import PersistedQueries
from server.authentication import WRITE, Callers
from server.authorization import admit
from server.explorer.page import (
    ASSETS_PATH,
    CONTENT_SECURITY_POLICY,
    explorer_files,
    explorer_page,
)
from server.graphql_request import check_origin, refusal
from server.graphql_view import GraphQLView, html
from server.message_resources import Resources
from server.middleware.allowed_hosts import Hosts
from server.middleware.proxy_headers import Forwarded
from server.middleware.request_guard import Guard
from server.observability.health import Readiness, health_routes
from server.observability.metrics import Metrics, metrics_route
from server.observability.operation_log import Journal, announce
from server.observability.redaction import secrets_of
from server.request_error import Refused
from server.sandbox.controls import Controls
from server.sandbox.upstreams import Upstreams
from server.settings import SettingError, Settings

GRAPHQL_PATH = "/graphql"
OPERATION_PATH = "/api/graphql/v1/op"
RESOURCE_PATH = "/psn/groups/{group}/resources/{resource}"
SANDBOX_PATH = "/sandbox"
BAD_REQUEST, NOT_FOUND = 400, 404
PATIENCE = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS, pool=CONNECT_SECONDS)


def create_app(settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> Starlette:
    """The application with these settings; a transport stands in for the network."""
    upstreams = Upstreams() if settings.sandbox else None
    metrics = Metrics()
    shared = open_shared(settings)
    cache = Cache(load_timeout=settings.deadline, shared=shared, observer=metrics)
    http = http_client(upstreams or transport)
    kit = Kit(http, cache, Gates(shared=shared), shared=shared, observer=metrics)
    services = open_services(kit, settings)
    callers = Callers(services, settings, CallerBudget(settings.caller_rate, shared))
    readiness = Readiness(services, kit.breakers)
    metrics.on_rejected = readiness.rejected
    view = _view(callers, settings, PersistedQueries.beside(shared), Journal(metrics))

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[dict[str, Readiness]]:
        announce(settings, [source for source in Source if services[source].operator()])
        async with kit.http, shared:
            yield {"readiness": readiness}  # how the server's SIGTERM reaches the probes
            await metrics.landed(settings.deadline)

    routes: list[BaseRoute] = [
        Route(GRAPHQL_PATH, endpoint=view),
        Route(OPERATION_PATH, endpoint=replace(view, page=None, pass_through_only=True)),
        Route(RESOURCE_PATH, Resources(callers, settings, view.load).__call__),
        *health_routes(readiness),
        metrics_route(metrics, readiness, callers),
    ]
    if settings.graphiql:
        routes.append(Mount(ASSETS_PATH, explorer_files()))
    if upstreams is not None:
        routes += _controls(upstreams, callers, settings)
    app = Starlette(
        routes=routes,
        middleware=_middleware(settings, readiness, metrics),
        exception_handlers={HTTPException: _refused},
        lifespan=lifespan,
    )
    # It would lead on to whatever host the caller's own header names.
    app.router.redirect_slashes = False
    app.state.upstreams = upstreams
    app.state.services = services
    return app


def http_client(transport: httpx.AsyncBaseTransport | None) -> httpx.AsyncClient:
    """The one client for all upstreams: no redirects, no proxy of the environment, no cookies."""
    return httpx.AsyncClient(
        transport=transport or Pools(),
        # One caller's cookies must not travel with another's request, so none are kept.
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
        timeout=PATIENCE,
        trust_env=False,
        follow_redirects=False,
        headers={"User-Agent": "trophycase"},
    )


def open_shared(settings: Settings) -> Shared:
    """What the processes of this server have in common."""
    try:
        return Shared(settings.cache_url, secrets_of(settings))
    except ValueError as error:
        raise SettingError("TROPHYCASE_CACHE_URL", str(error)) from None


def open_services(kit: Kit, settings: Settings) -> Mapping[Source, Service]:
    """Every source with its own settings."""
    services: dict[Source, Service] = {}
    for source in Source:
        try:
            services[source] = source.value.open(kit, settings.sources[source])
        except ValueError as error:
            raise SettingError(source.name, str(error)) from None
    return services


def _view(
    callers: Callers, settings: Settings, queries: PersistedQueries, journal: Journal
) -> GraphQLView:
    graph = build(node=settings.node, introspection=settings.introspection)
    page = html(explorer_page(GRAPHQL_PATH), CONTENT_SECURITY_POLICY) if settings.graphiql else None
    return GraphQLView(graph, callers, settings, queries, journal, page=page)


def _controls(upstreams: Upstreams, callers: Callers, settings: Settings) -> list[Route]:
    """What switches the sandbox, for whoever may write there."""

    def admitted(request: Request) -> None:
        check_origin(request.headers, settings.cors_origins)
        admit(callers, request.headers, WRITE)

    return Controls(upstreams.sandboxes, admitted).routes(SANDBOX_PATH)


def _middleware(settings: Settings, readiness: Readiness, metrics: Metrics) -> list[Middleware]:
    """What every request passes, the outermost first: nothing answers in its own words."""
    passed = [
        Middleware(
            Guard,
            hosts=Hosts.of(settings),
            draining=lambda: readiness.draining,
            refused=metrics.refused,
        ),
        Middleware(Forwarded, trusted=settings.trusted_proxies),
    ]
    return [*passed, *_cors(settings)]


def _cors(settings: Settings) -> list[Middleware]:
    if not settings.cors_origins:
        return []
    allowed = {name for source in Source for name in source.value.credential_headers}
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["GET", "POST"],
            allow_headers=["authorization", "content-type", "cache-control", *sorted(allowed)],
            max_age=600,
        )
    ]


async def _refused(_request: Request, error: Exception) -> Response:
    """Whatever has no route is refused as JSON, like everything else."""
    status = error.status_code if isinstance(error, HTTPException) else BAD_REQUEST
    refused = Refused(status, "There is nothing here.", "NOT_FOUND")
    if status != NOT_FOUND:
        refused = Refused(status, "This is not accepted here.")
    refused.headers.update((isinstance(error, HTTPException) and error.headers) or {})
    return refusal(refused)
