"""Ariadne, which parses and validates each document once, on its own ASGI application.

python -m tests.benchmarks.peers.ariadne_server
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from ariadne import ObjectType, QueryType, make_executable_schema
from ariadne.asgi import GraphQL
from graphql import DocumentNode, GraphQLError, parse, validate
from starlette.applications import Starlette
from starlette.routing import Route

from tests.benchmarks.peers.serve import serve
from tests.benchmarks.peers.titles import TitleCache, build_user_id, create_aiohttp_fetch

CACHES: dict[str, TitleCache] = {}
QUERY, USER = QueryType(), ObjectType("User")


@QUERY.field("user")
def resolve_user(_root: Any, _info: Any, accounts: list[dict[str, str]]) -> dict[str, str]:
    return {"handle": accounts[0]["handle"]}


@USER.field("id")
def resolve_id(user: dict[str, str], _info: Any) -> str:
    return build_user_id(user["handle"])


@USER.field("trophyTitles")
async def resolve_titles(user: dict[str, str], _info: Any, first: int) -> dict[str, Any]:
    titles = await CACHES["titles"].get_titles(user["handle"])
    return {"edges": [{"node": title} for title in titles[:first]]}


SCHEMA = make_executable_schema(Path(__file__).with_name("schema.graphql").read_text(), QUERY, USER)


@lru_cache
def parse_once(text: str) -> DocumentNode:
    return parse(text)


@lru_cache
def validate_once(document: DocumentNode) -> list[GraphQLError]:
    return validate(SCHEMA, document)


@asynccontextmanager
async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
    CACHES["titles"] = TitleCache(await create_aiohttp_fetch())
    yield


if __name__ == "__main__":
    view = GraphQL(
        SCHEMA,
        query_parser=lambda _context, data: parse_once(data["query"]),
        query_validator=lambda _schema, document, *_rules, **_options: validate_once(document),
    )
    serve(Starlette(routes=[Route("/graphql", view)], lifespan=lifespan))
