"""One small schema behind our view, and behind Strawberry's own."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import strawberry
from starlette.types import ASGIApp
from strawberry.asgi import GraphQL
from strawberry.federation.schema import Schema

from providers.kit.caching.cache import Cache
from schema.federated_schema import FederatedSchema
from server.apq import PersistedQueries
from server.authentication import Authenticator
from server.graphql_view import GraphQLView
from server.live.event_stream import EventStreams
from server.live.live_connections import LiveConnections
from server.live.subscription import Subscriptions
from server.middleware.cors import AllowedOrigins
from server.middleware.rejection_log import RejectionLog
from server.middleware.request_origin import OriginCheck
from server.observability.metrics import Metrics
from server.observability.operation_log import OperationLog
from server.operation_runner import OperationRunner
from server.response_cache import ResponseCache
from server.settings import read_settings

SECRET = "hunter2"
ADDRESS = "http://stock.invalid/graphql"


@strawberry.federation.type(keys=["id"])
class Thing:
    id: strawberry.ID

    @classmethod
    def resolve_reference(cls, _info: Any = None, keys: Any = None, **named: Any) -> "Thing":
        """Ours passes the keys as one mapping, Strawberry as keyword arguments."""
        return cls(id=(keys or named)["id"])


@strawberry.type
class Query:
    thing: Thing | None = None

    @strawberry.field
    def hello(self, name: str | None = None) -> str:
        return f"hello {name}"

    @strawberry.field
    def bug(self) -> str | None:
        raise LookupError(SECRET)


@strawberry.type
class Mutation:
    @strawberry.mutation
    def change(self) -> bool:
        return True


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def tick(self) -> AsyncGenerator[int]:
        yield 1


def create_our_graph() -> FederatedSchema:
    """Create a schema of our class, which has no subscriptions."""
    return FederatedSchema(query=Query, mutation=Mutation, types=[Thing], federation_version="2.3")


def create_stock_schema() -> Schema:
    """Create a schema of Strawberry's own class."""
    return Schema(query=Query, mutation=Mutation, subscription=Subscription, types=[Thing])


def create_our_view(graph: FederatedSchema) -> GraphQLView:
    """Create our view of any graph, for callers without accounts."""
    settings = read_settings({}, sandbox=True)
    cache, metrics = Cache(), Metrics()
    runner = OperationRunner(graph, settings, PersistedQueries(cache), ResponseCache(cache))
    streams = EventStreams(Subscriptions(runner, LiveConnections(metrics)))
    return GraphQLView(runner, Authenticator({}, settings), OperationLog(metrics), streams)


def send_request(app: ASGIApp, method: str = "POST", **request: Any) -> httpx.Response:
    """Send one request to a view, in this process."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport) as http:
            return await http.request(method, ADDRESS, **request)

    return asyncio.run(send())


def create_our_app() -> ASGIApp:
    """Create our view behind the check of the origin, which lets no other site's page in."""
    view = create_our_view(create_our_graph())
    return OriginCheck(view, read_settings({}, sandbox=True), AllowedOrigins(), RejectionLog())


OUR_APP = create_our_app()
STOCK_APP: ASGIApp = GraphQL(create_stock_schema())
