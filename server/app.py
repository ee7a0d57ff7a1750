"""The application: its routes, its middleware, and the services it opens at start-up."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, fields, replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx
from starlette.applications import Starlette
from starlette.datastructures import State
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.types import ASGIApp, Lifespan

from providers.capabilities import Service
from providers.kit.idempotency import IdempotencyStore
from providers.kit.rate_limiting.caller_quota import CallerQuotas
from providers.kit.upstream.upstream_client import SharedServices
from providers.registry import Source
from resolvers.live.live import Live
from schema.graph import build_schema
from server.api_keys import WRITE
from server.apq import PersistedQueries
from server.authentication import Authenticator
from server.authorization import require_scope
from server.documents.document_request import NAME_PARAMETER
from server.documents.trusted_documents import TrustedDocuments
from server.embeds.open_pictures import open_pictures
from server.embeds.pictures import Pictures
from server.explorer.page import ASSETS_PATH, create_static_files, prepare_explorer_response
from server.export.endpoint import ExportEndpoint
from server.graphql_request import build_error_response
from server.graphql_view import GraphQLView
from server.live.event_stream import EventStreams
from server.live.live_connections import LiveConnections
from server.live.socket import SocketEndpoint
from server.live.socket_operations import SocketServices
from server.live.subscription import Subscriptions
from server.live_setup import create_live
from server.message_resources import ResourceEndpoint
from server.middleware.allowed_hosts import AllowedHosts
from server.middleware.cors import AllowedOrigins, prepare_cors
from server.middleware.direct_path import DirectPath
from server.middleware.proxy_headers import ProxyHeaders
from server.middleware.rejection_log import RejectionLog
from server.middleware.request_guard import RequestGuard
from server.middleware.request_origin import OriginCheck, TrustedPeers
from server.middleware.response_compression import ResponseCompression
from server.observability.health import Readiness, build_health_routes
from server.observability.metrics import Metrics, build_metrics_route
from server.observability.operation_log import OperationLog, log_sources
from server.observability.traces import open_tracing
from server.operation_runner import OperationRunner
from server.pages.page_client import PageClient
from server.pages.page_services import PageServices
from server.pages.profile import check_profiles
from server.pages.routes import build_page_routes
from server.request_error import RequestRejected
from server.response_cache import ResponseCache
from server.services import open_services, open_shared_services
from server.settings import SettingError, Settings
from server.shared_store_setup import warn_about_plain_redis
from server.webhooks.service import Webhooks, open_webhooks
from server.webhooks.trophy_so import build_webhook_routes

if TYPE_CHECKING:
    from server.sandbox.upstreams import SandboxTransport

GRAPHQL_PATH = "/graphql"
OPERATION_PATH = "/api/graphql/v1/op"
EXPORT_PATH = "/export"
RESOURCE_PATH = "/psn/groups/{group}/resources/{resource}"
SANDBOX_PATH = "/sandbox"
BAD_REQUEST, NOT_FOUND = 400, 404


@dataclass(frozen=True)
class Parts:
    """What an application consists of; tests find these parts in its state."""

    settings: Settings
    upstreams: "SandboxTransport | None"
    shared_services: SharedServices
    services: Mapping[Source, Service]
    metrics: Metrics
    readiness: Readiness
    authenticator: Authenticator
    operation_log: OperationLog
    operation_runner: OperationRunner
    live_connections: LiveConnections
    live: Live | None
    webhooks: Webhooks
    pictures: Pictures
    tracing: AbstractAsyncContextManager[object]


def create_app(settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> Starlette:
    """Create the application; `transport` replaces the network of the upstream calls."""
    parts = _open_parts(settings, transport)
    routes = _build_routes(parts)
    app = Starlette(
        routes=routes,
        middleware=_build_middleware(parts, routes),
        exception_handlers={HTTPException: _handle_http_error},
        lifespan=_build_lifespan(parts),
    )
    # Its redirects lead to the host in the request's own `Host` header.
    app.router.redirect_slashes = False
    app.state = State({each.name: getattr(parts, each.name) for each in fields(parts)})
    return app


def _open_parts(settings: Settings, transport: httpx.AsyncBaseTransport | None) -> Parts:
    upstreams = _create_sandbox(settings)
    tracing = open_tracing(settings)
    metrics = Metrics() if tracing is None else tracing.create_metrics()
    shared_services = open_shared_services(settings, upstreams or transport, metrics)
    metrics.watch_store(shared_services.shared_store)
    services = open_services(shared_services, settings)
    _check_profiles(settings, services)
    readiness = Readiness(services, shared_services.circuit_breakers)
    metrics.rejection_listener = readiness.record_rejected_credential
    quotas = CallerQuotas(settings.caller_rate, shared_services.shared_store)
    live = create_live(settings, services, shared_services.records)
    if live is not None:
        metrics.watch_live(live)
    runner = _create_runner(settings, shared_services, live)
    return Parts(
        settings,
        upstreams,
        shared_services,
        services,
        metrics,
        readiness,
        Authenticator(services, settings, quotas),
        OperationLog(metrics, tracing),
        runner,
        LiveConnections(metrics),
        live,
        open_webhooks(settings, services, shared_services, runner.graph, live, metrics),
        open_pictures(settings),
        tracing or nullcontext(),
    )


def _check_profiles(settings: Settings, services: Mapping[Source, Service]) -> None:
    try:
        check_profiles(settings.profiles, services)
    except ValueError as error:
        raise SettingError("TROPHYCASE_PROFILES", str(error)) from None


def _create_sandbox(settings: Settings) -> "SandboxTransport | None":
    if not settings.sandbox:
        return None
    from server.sandbox.upstreams import SandboxTransport  # noqa: PLC0415 - in a sandbox alone

    return SandboxTransport(settings.sandbox_unlocks)


def _create_runner(
    settings: Settings, shared_services: SharedServices, live: Live | None
) -> OperationRunner:
    graph = build_schema(
        with_node=settings.node,
        introspection=settings.introspection,
        live=settings.live,
        sandbox_addresses=settings.has_sandbox_addresses,
    )
    documents = TrustedDocuments.load(settings, graph)
    return OperationRunner(
        graph,
        settings,
        PersistedQueries.create(shared_services.shared_store, documents),
        ResponseCache(shared_services.cache),
        IdempotencyStore(shared_services.records),
        live,
    )


def _build_lifespan(parts: Parts) -> Lifespan[Starlette]:
    settings, services, shared_services = parts.settings, parts.services, parts.shared_services
    # Where the server's signal handler finds them.
    state: dict[str, object] = {
        "readiness": parts.readiness,
        "live_connections": parts.live_connections,
    }

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[dict[str, object]]:
        log_sources(
            settings, [source for source in Source if services[source].get_operator_client()]
        )
        warn_about_plain_redis(settings)
        async with parts.tracing, shared_services.transport, shared_services.shared_store:
            async with parts.webhooks:
                yield state
            if parts.live is not None:
                await parts.live.aclose()
            await parts.pictures.aclose()
            await shared_services.instrumentation.drain(settings.deadline)

    return lifespan


def _build_routes(parts: Parts) -> list[BaseRoute]:
    settings, authenticator = parts.settings, parts.authenticator
    subscriptions = Subscriptions(parts.operation_runner, parts.live_connections)
    records = parts.shared_services.records
    streams = EventStreams(subscriptions)
    client = PageClient(parts.operation_runner, parts.operation_log, streams)
    pages = PageServices(settings, authenticator, client)
    routes: list[BaseRoute] = [
        *_build_graphql_routes(authenticator, parts.operation_log, streams),
        *build_page_routes(pages),
        *_build_embed_routes(pages, parts.pictures),
        *build_health_routes(parts.readiness),
        build_metrics_route(parts.metrics, parts.readiness, authenticator),
        *build_webhook_routes(settings, parts.services, records, parts.metrics, parts.live),
    ]
    if settings.graphiql:
        routes.append(Mount(ASSETS_PATH, create_static_files()))
    if parts.upstreams is not None:
        authorize = partial(_authorize_control_request, authenticator)
        routes += parts.upstreams.build_control_routes(SANDBOX_PATH, authorize)
        routes += parts.upstreams.build_image_routes()
    return routes


def _build_embed_routes(pages: PageServices, pictures: Pictures) -> list[BaseRoute]:
    if not pages.settings.profiles:
        return []
    # What writes calendars takes its time to load, and memory.
    from server.embeds.routes import build_embed_routes  # noqa: PLC0415 - likewise

    return build_embed_routes(pages, pictures)


def _build_graphql_routes(
    authenticator: Authenticator, operation_log: OperationLog, streams: EventStreams
) -> list[BaseRoute]:
    subscriptions = streams.subscriptions
    runner, explorer = subscriptions.runner, None
    if runner.settings.graphiql:
        explorer = prepare_explorer_response(GRAPHQL_PATH, live=runner.settings.live)
    view = GraphQLView(runner, authenticator, operation_log, streams, explorer=explorer)
    sockets = SocketEndpoint(SocketServices(authenticator, operation_log, subscriptions))
    resources = ResourceEndpoint(authenticator, runner.settings, runner.concurrency_limit)
    return [
        WebSocketRoute(GRAPHQL_PATH, sockets),
        Route(GRAPHQL_PATH, endpoint=view),
        Route(f"{GRAPHQL_PATH}/", endpoint=view),
        *_build_document_routes(view),
        Route(OPERATION_PATH, endpoint=replace(view, explorer=None, pass_through_only=True)),
        Route(RESOURCE_PATH, resources.__call__),
        Route(EXPORT_PATH, ExportEndpoint(authenticator, runner.settings).__call__),
    ]


def _build_document_routes(view: GraphQLView) -> list[BaseRoute]:
    if not view.runner.persisted_queries.trusted.by_name:
        return []
    by_name = replace(view, explorer=None)
    return [Route(f"{GRAPHQL_PATH}/{{{NAME_PARAMETER}}}", endpoint=by_name)]


def _authorize_control_request(authenticator: Authenticator, request: Request) -> None:
    require_scope(authenticator, request.headers, WRITE)


def _build_middleware(parts: Parts, routes: Sequence[BaseRoute]) -> list[Middleware]:
    """Build the middleware, outermost first: the guard completes the responses of the others."""
    settings, readiness, metrics = parts.settings, parts.readiness, parts.metrics
    trusted_documents = parts.operation_runner.persisted_queries.trusted
    origins, rejection_log = AllowedOrigins.from_settings(settings), RejectionLog()
    add_cors = prepare_cors(origins)
    return [
        Middleware(
            RequestGuard,
            allowed_hosts=AllowedHosts.from_settings(settings),
            check_peer=TrustedPeers(settings).check,
            is_draining=lambda: readiness.is_draining,
            on_rejected=metrics.on_request_rejected,
            add_cors=add_cors,
            rejection_log=rejection_log,
        ),
        *_build_proxy_headers(settings),
        Middleware(
            OriginCheck,
            settings=settings,
            origins=origins,
            rejection_log=rejection_log,
            is_public_document=trusted_documents.is_public,
        ),
        Middleware(add_cors),
        Middleware(ResponseCompression),
        Middleware(DirectPath, GRAPHQL_PATH, _get_endpoint(routes, GRAPHQL_PATH)),
    ]


def _get_endpoint(routes: Sequence[BaseRoute], path: str) -> ASGIApp:
    return next(each.app for each in routes if isinstance(each, Route) and each.path == path)


def _build_proxy_headers(settings: Settings) -> list[Middleware]:
    if not settings.trusted_proxies:
        return []
    return [Middleware(ProxyHeaders, trusted_proxies=settings.trusted_proxies)]


async def _handle_http_error(_request: Request, error: Exception) -> Response:
    """Respond in JSON to a request without a route, or with a method that its route lacks."""
    status = error.status_code if isinstance(error, HTTPException) else BAD_REQUEST
    rejection = RequestRejected(status, "Not found.", "NOT_FOUND")
    if status != NOT_FOUND:
        rejection = RequestRejected(status, f"{HTTPStatus(status).phrase}.")
    rejection.headers.update((isinstance(error, HTTPException) and error.headers) or {})
    return build_error_response(rejection)
