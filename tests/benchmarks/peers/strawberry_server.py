"""Stock Strawberry with its caches of parsed and validated documents, on Starlette's ASGI view.

python -m tests.benchmarks.peers.strawberry_server
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import strawberry
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache

from tests.benchmarks.peers.serve import serve
from tests.benchmarks.peers.titles import TitleCache, build_user_id, create_aiohttp_fetch

CACHES: dict[str, TitleCache] = {}


@strawberry.type
class Image:
    url: str | None


@strawberry.type
class Rarity:
    percent: float


@strawberry.type
class Achievement:
    native_id: strawberry.ID
    name: str | None
    description: str | None
    grade: str | None
    hidden: bool
    earned: bool | None
    earned_at: str | None
    icon: Image | None
    rarity: Rarity | None


@strawberry.type
class TrophyGroup:
    native_id: strawberry.ID
    name: str | None
    achievements: list[Achievement] | None


@strawberry.type
class TrophyTitle:
    native_id: strawberry.ID
    name: str | None
    platforms: list[str] | None
    progress: int | None
    groups: list[TrophyGroup] | None


@strawberry.type
class TrophyTitleEdge:
    node: TrophyTitle


@strawberry.type
class TrophyTitleConnection:
    edges: list[TrophyTitleEdge]


@strawberry.type
class User:
    handle: strawberry.Private[str]

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(build_user_id(self.handle))

    @strawberry.field
    async def trophy_titles(self, first: int = 20) -> TrophyTitleConnection:
        titles = await CACHES["titles"].get_titles(self.handle)
        return TrophyTitleConnection(
            edges=[TrophyTitleEdge(node=title) for title in titles[:first]]
        )


@strawberry.input
class AccountInput:
    source: str
    handle: str


@strawberry.type
class Query:
    @strawberry.field
    def user(self, accounts: list[AccountInput]) -> User | None:
        return User(handle=accounts[0].handle)


def build_titles(rows: list[Any]) -> list[TrophyTitle]:
    """Build the objects that are kept in memory."""
    named = msgspec.convert(rows, list[dict[str, Any]])
    return [build_title(row) for row in named]


def build_title(row: dict[str, Any]) -> TrophyTitle:
    return TrophyTitle(
        native_id=row["nativeId"],
        name=row["name"],
        platforms=row["platforms"],
        progress=row["progress"],
        groups=[
            TrophyGroup(
                native_id=group["nativeId"],
                name=group["name"],
                achievements=[build_achievement(each) for each in group["achievements"]],
            )
            for group in row["groups"]
        ],
    )


def build_achievement(row: dict[str, Any]) -> Achievement:
    return Achievement(
        native_id=row["nativeId"],
        name=row["name"],
        description=row["description"],
        grade=row["grade"],
        hidden=row["hidden"],
        earned=row["earned"],
        earned_at=row["earnedAt"],
        icon=Image(**row["icon"]),
        rarity=Rarity(**row["rarity"]),
    )


@asynccontextmanager
async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
    CACHES["titles"] = TitleCache(await create_aiohttp_fetch(), build_titles)
    yield


SCHEMA = strawberry.Schema(Query, extensions=[ParserCache(), ValidationCache()])

if __name__ == "__main__":
    serve(Starlette(routes=[Route("/graphql", GraphQL(SCHEMA))], lifespan=lifespan))
