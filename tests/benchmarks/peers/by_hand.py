"""An endpoint written by hand on Starlette, and a proxy that passes everything through.

    python -m tests.benchmarks.peers.by_hand aiohttp|httpx|own

It does not read the query: it answers with all fields, or with the user's id alone.
"""

import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.benchmarks.peers.serve import serve
from tests.benchmarks.peers.titles import (
    UPSTREAM_URL,
    TitleCache,
    build_user_id,
    create_aiohttp_fetch,
    create_httpx_fetch,
    create_own_fetch,
)

CLIENTS = {"aiohttp": create_aiohttp_fetch, "httpx": create_httpx_fetch, "own": create_own_fetch}
OPERATION_URL = f"{UPSTREAM_URL}/m.np.playstation.com/api/graphql/v1/op"


async def answer(request: Request) -> Response:
    """Answer with the titles of the account in the variables."""
    sent = msgspec.json.decode(await request.body())
    handle = sent["variables"]["accounts"][0]["handle"]
    user = {"id": build_user_id(handle)}
    if "trophyTitles" in sent["query"]:
        titles = await request.app.state.titles.get_titles(handle)
        user["trophyTitles"] = {"edges": [{"node": title} for title in titles]}
    body = msgspec.json.encode({"data": {"user": user}})
    return Response(body, media_type="application/json")


async def proxy(request: Request) -> Response:
    """Pass a persisted operation through."""
    sent = msgspec.json.decode(await request.body())
    encoded = {name: msgspec.json.encode(value).decode() for name, value in sent.items()}
    body = await request.app.state.fetch(f"{OPERATION_URL}?{urlencode(encoded)}")
    return Response(body, media_type="application/json")


def create_app(client: str) -> Starlette:
    """Create the application on one of the HTTP clients."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        app.state.fetch = await CLIENTS[client]()
        app.state.titles = TitleCache(app.state.fetch)
        yield

    routes = [
        Route("/graphql", answer, methods=["POST"]),
        Route("/proxy", proxy, methods=["POST"]),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


if __name__ == "__main__":
    serve(create_app(sys.argv[1]))
