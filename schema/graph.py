"""The graph: Query, and the executable, federated schema."""

import asyncio
from functools import cache
from typing import Annotated

import strawberry
from strawberry.scalars import JSON
from strawberry.schema.config import StrawberryConfig

from providers.capabilities import HasHealth, Health
from providers.errors import ProviderError
from providers.registry import Source
from resolvers import context as asked
from resolvers import people
from resolvers import user as users
from resolvers.status import Status, failed
from schema import from_record, psn_operation
from schema import node_lookup as refetch
from schema.account import (
    AccountConnection,
    PlainAccount,
    PsnAccount,
    RetroAchievementsAccount,
    TrophySoAccount,
    account_of,
)
from schema.award import Award
from schema.connection import After, Edge, First, checked_first, given, known, page_info, statuses
from schema.federated_schema import Graph
from schema.global_id import packed, placed
from schema.mutation import Mutation
from schema.node import Info, Node
from schema.scalars import SCALARS
from schema.source import SourceBudget, SourceInfo, SourceStatus
from schema.title import TrophyTitle, bare_title
from schema.user import NativeId, TitleSource, User

Ids = Annotated[
    list[strawberry.ID],
    strawberry.argument(
        description="Ids that this server gave, up to 100; more are BAD_USER_INPUT."
    ),
]
Id = Annotated[strawberry.ID, strawberry.argument(description="An id that this server gave.")]


@strawberry.input(description="One account of a person.")
class AccountInput:
    source: Source = strawberry.field(description="Where the account is.")
    handle: str = strawberry.field(
        description="PSN: `me`, an online id or an account id. RetroAchievements: a user name or "
        "ULID. Trophy.so: a user id, 1 to 255 characters, none of them a control character. What "
        "no account can be called is BAD_USER_INPUT."
    )


Accounts = Annotated[
    list[AccountInput],
    strawberry.argument(description="The person's accounts, at most one of each source."),
]


@strawberry.type(description="What can be asked.")
class Query:
    @strawberry.field(
        description="The person whose own accounts this request speaks for: the caller's "
        "credential headers, else the server's configured accounts; null where there are none. "
        "Null with an error for an API key without scope `read`."
    )
    def viewer(self, info: Info) -> User | None:
        viewer = info.context.viewer
        if viewer.refusal is not None:
            raise viewer.refusal
        return User(accounts_named=viewer.accounts) if viewer.accounts else None

    @strawberry.field(
        description="A person, named by one account per source. Nothing is fetched until a field "
        "needs it. An account nobody has keeps its place, with state NOT_FOUND, nulls and empty "
        "lists."
    )
    def user(self, info: Info, accounts: Accounts) -> User | None:
        named = [asked.Account(each.source, each.handle) for each in accounts]
        return User(accounts_named=users.checked(info.context, named))

    @strawberry.field(
        description="A title's definitions, without any user; null when nobody knows it, "
        "BAD_USER_INPUT for an id that no title can have."
    )
    async def trophy_title(
        self, info: Info, native_id: NativeId, source: TitleSource = Source.PSN
    ) -> TrophyTitle | None:
        return await bare_title(info, source, native_id)

    @strawberry.field(
        description="PSN and, by exact name, RetroAchievements; a source that cannot be searched "
        "is BAD_USER_INPUT."
    )
    async def search_accounts(
        self,
        info: Info,
        term: Annotated[
            str, strawberry.argument(description="A name or a part of it, 1 to 100 characters.")
        ],
        source: Annotated[Source, strawberry.argument(description="Where to search.")] = Source.PSN,
        first: First = 20,
        after: After = strawberry.UNSET,
    ) -> AccountConnection | None:
        checked_first(first)
        info.context.loaders.check_term(source, term)
        place = placed(given(after), "search", tuple[int, str])
        page = await people.search(info.context, source, term, first, place)
        edges = [
            Edge(
                cursor=packed("search", at, each.native_id),
                node=account_of(asked.Account(source, each.native_id), known=each),
            )
            for at, each in page.rows
        ]
        return AccountConnection(
            edges=edges,
            page_info=page_info(edges, after=given(after), has_next=page.has_next),
            sources=statuses(page.statuses),
            count=known(page.total),
        )

    @strawberry.field(
        description="Every source this server knows: whether it is configured, signed in, healthy, "
        "and how much of its budget is left. Makes no call."
    )
    async def sources(self, info: Info) -> list[SourceInfo]:
        return await asyncio.gather(*(source_info(info.context, source) for source in Source))

    @strawberry.field(
        description="PSN's persisted operations that this server passes through; none when PSN is "
        "not configured."
    )
    def psn_operations(self, info: Info) -> list[psn_operation.PsnOperation]:
        return psn_operation.operations(info.context)

    @strawberry.field(
        description="One of them that does not write, run as it is: the upstream's answer "
        "(`data` and `errors`) unchanged. BAD_USER_INPUT for a name that is not listed, FORBIDDEN "
        "for one that writes."
    )
    async def psn_operation(
        self,
        info: Info,
        name: Annotated[
            str, strawberry.argument(description="The operation's name, as in `psnOperations`.")
        ],
        variables: Annotated[
            JSON | None, strawberry.argument(description="The operation's own variables.")
        ] = strawberry.UNSET,
    ) -> JSON | None:
        return await psn_operation.run(info.context, name, given(variables))


@strawberry.type(name="Query", description="What can be asked.")
class QueryWithNode(Query):
    @strawberry.field(description="The one thing of that id; null when it is there no more.")
    async def node(self, info: Info, id: Id) -> Node | None:  # noqa: A002 - Relay's own name
        return await refetch.node(info, id, "id")

    @strawberry.field(
        description="The things of those ids, in their order; null for one that is there no more."
    )
    async def nodes(self, info: Info, ids: Ids) -> list[Node | None]:
        return await refetch.several(info, ids)


async def source_info(context: asked.Context, source: Source) -> SourceInfo:
    """What is known of a source without asking it."""
    try:
        client = context.loaders.client(source)
    except ProviderError as error:
        status = SourceStatus.of(failed(source, error))
        return SourceInfo(source=source, status=status, budget=None, credential_expires_at=None)
    health = client.health() if isinstance(client, HasHealth) else Health()
    await client.learn_budget()
    budget = client.budget()
    status = failed(source, health.error) if health.error else Status(source)
    return SourceInfo(
        source=source,
        status=SourceStatus.of(status),
        budget=budget and from_record.of(SourceBudget, budget),
        credential_expires_at=health.credential_expires_at,
    )


@cache
def build(*, node: bool = True, introspection: bool = True) -> Graph:
    """The schema; without `node` and `nodes` for a supergraph that has its own."""
    return Graph(
        query=QueryWithNode if node else Query,
        mutation=Mutation,
        # What is reached through an interface or a generic connection only has to be named.
        types=[PsnAccount, RetroAchievementsAccount, TrophySoAccount, PlainAccount, Award],
        config=StrawberryConfig(scalar_map=SCALARS),
        federation_version="2.3",
        introspection=introspection,
        find_reference=refetch.referenced,
    )
