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
from resolvers.status import Status, make_error_status
from schema import from_record, psn_operation
from schema import node_lookup as refetch
from schema.account import (
    AccountConnection,
    PlainAccount,
    PsnAccount,
    RetroAchievementsAccount,
    TrophySoAccount,
    build_account,
)
from schema.award import Award
from schema.connection import (
    AfterArgument,
    Edge,
    FirstArgument,
    build_page_info,
    constant,
    or_none,
    source_statuses,
    validate_first,
)
from schema.federated_schema import FederatedSchema
from schema.global_id import decode_cursor, encode
from schema.mutation import Mutation
from schema.node import Info, Node
from schema.scalars import SCALARS
from schema.source import SourceBudget, SourceInfo, SourceStatus
from schema.title import TrophyTitle, get_title_definition
from schema.user import NativeId, TitleSource, User

IdsArgument = Annotated[
    list[strawberry.ID],
    strawberry.argument(
        description="Ids that this server gave, up to 100; more are BAD_USER_INPUT."
    ),
]
IdArgument = Annotated[
    strawberry.ID, strawberry.argument(description="An id that this server gave.")
]


@strawberry.input(description="One account of a person.")
class AccountInput:
    source: Source = strawberry.field(description="Where the account is.")
    handle: str = strawberry.field(
        description="PSN: `me`, an online id or an account id. RetroAchievements: a user name or "
        "ULID. Trophy.so: a user id, 1 to 255 characters, none of them a control character. What "
        "no account can be called is BAD_USER_INPUT."
    )


AccountsArgument = Annotated[
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
        if viewer.access_error is not None:
            raise viewer.access_error
        return User(account_refs=viewer.accounts) if viewer.accounts else None

    @strawberry.field(
        description="A person, named by one account per source. Nothing is fetched until a field "
        "needs it. An account nobody has keeps its place, with state NOT_FOUND, nulls and empty "
        "lists."
    )
    def user(self, info: Info, accounts: AccountsArgument) -> User | None:
        named = [asked.AccountRef(each.source, each.handle) for each in accounts]
        return User(account_refs=users.validate_accounts(info.context, named))

    @strawberry.field(
        description="A title's definitions, without any user; null when nobody knows it, "
        "BAD_USER_INPUT for an id that no title can have."
    )
    async def trophy_title(
        self, info: Info, native_id: NativeId, source: TitleSource = Source.PSN
    ) -> TrophyTitle | None:
        return await get_title_definition(info, source, native_id)

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
        first: FirstArgument = 20,
        after: AfterArgument = strawberry.UNSET,
    ) -> AccountConnection | None:
        validate_first(first)
        info.context.loaders.check_term(source, term)
        place = decode_cursor(or_none(after), "search", tuple[int, str])
        page = await people.search_accounts(info.context, source, term, first, place)
        edges = [
            Edge(
                cursor=encode("search", at, each.native_id),
                node=build_account(asked.AccountRef(source, each.native_id), person=each),
            )
            for at, each in page.rows
        ]
        return AccountConnection(
            edges=edges,
            page_info=build_page_info(edges, after=or_none(after), has_next=page.has_next),
            sources=source_statuses(page.statuses),
            count=constant(page.total),
        )

    @strawberry.field(
        description="Every source this server knows: whether it is configured, signed in, healthy, "
        "and how much of its budget is left. Makes no call."
    )
    async def sources(self, info: Info) -> list[SourceInfo]:
        return await asyncio.gather(*(get_source_info(info.context, source) for source in Source))

    @strawberry.field(
        description="PSN's persisted operations that this server passes through; none when PSN is "
        "not configured."
    )
    def psn_operations(self, info: Info) -> list[psn_operation.PsnOperation]:
        return psn_operation.list_operations(info.context)

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
        return await psn_operation.run_operation(info.context, name, or_none(variables))


@strawberry.type(name="Query", description="What can be asked.")
class QueryWithNode(Query):
    @strawberry.field(description="The one thing of that id; null when it is there no more.")
    async def node(self, info: Info, id: IdArgument) -> Node | None:  # noqa: A002 - Relay's own name
        return await refetch.find_node(info, id, "id")

    @strawberry.field(
        description="The things of those ids, in their order; null for one that is there no more."
    )
    async def nodes(self, info: Info, ids: IdsArgument) -> list[Node | None]:
        return await refetch.find_nodes(info, ids)


async def get_source_info(context: asked.ResolverContext, source: Source) -> SourceInfo:
    """What is known of a source without asking it."""
    try:
        client = context.loaders.get_client(source)
    except ProviderError as error:
        status = SourceStatus.from_status(make_error_status(source, error))
        return SourceInfo(source=source, status=status, budget=None, credential_expires_at=None)
    health = client.get_health() if isinstance(client, HasHealth) else Health()
    await client.refresh_budget()
    budget = client.get_budget()
    status = make_error_status(source, health.error) if health.error else Status(source)
    return SourceInfo(
        source=source,
        status=SourceStatus.from_status(status),
        budget=budget and from_record.from_record(SourceBudget, budget),
        credential_expires_at=health.credential_expires_at,
    )


@cache
def build_schema(*, with_node: bool = True, introspection: bool = True) -> FederatedSchema:
    """The schema; without `node` and `nodes` for a supergraph that has its own."""
    return FederatedSchema(
        query=QueryWithNode if with_node else Query,
        mutation=Mutation,
        # What is reached through an interface or a generic connection only has to be named.
        types=[PsnAccount, RetroAchievementsAccount, TrophySoAccount, PlainAccount, Award],
        config=StrawberryConfig(scalar_map=SCALARS),
        federation_version="2.3",
        introspection=introspection,
        find_reference=refetch.find_entity,
    )
