"""The graph: the type Query, and the federated schema."""

import asyncio
from functools import cache
from typing import Annotated

import strawberry
from strawberry.scalars import JSON
from strawberry.schema.config import StrawberryConfig

from providers.capabilities import HasHealth, Health
from providers.errors import ProviderError
from providers.kit.request_context import get_current
from providers.registry import Source
from resolvers.context import AccountRef, ResolverContext
from resolvers.people import find_accounts
from resolvers.status import Status, make_error_status
from resolvers.user import validate_accounts
from schema.account import AccountConnection
from schema.account_input import AccountInput
from schema.account_types import ALL_ACCOUNT_TYPES, build_account
from schema.achievement_of_the_week import AchievementOfTheWeek, find_achievement_of_the_week
from schema.award import Award
from schema.comparison import ComparisonConnection, PeopleArgument, compare_people
from schema.connection import (
    AfterArgument,
    FirstArgument,
    build_connection,
    or_none,
    parse_page_request,
)
from schema.federated_schema import FederatedSchema
from schema.from_record import from_record
from schema.list_cursors import COMPARED_TITLES, FOUND_ACCOUNTS
from schema.mutation import Mutation
from schema.node import Info, Node
from schema.node_lookup import find_entity, find_node, find_nodes
from schema.psn_operation import PsnOperation, list_operations, run_operation
from schema.sandbox_addresses import use_sandbox_addresses
from schema.scalars import SCALARS
from schema.source import SourceBudget, SourceInfo, SourceStatus
from schema.subscription import Subscription
from schema.title import TrophyTitle, get_title_definition
from schema.user import NativeId, TitleSource, User

IdsArgument = Annotated[
    list[strawberry.ID],
    strawberry.argument(
        description="Ids that this server issued, at most 100; more are BAD_USER_INPUT."
    ),
]
IdArgument = Annotated[
    strawberry.ID, strawberry.argument(description="An id that this server issued.")
]


AccountsArgument = Annotated[
    list[AccountInput],
    strawberry.argument(description="The person's accounts, at most one on each source."),
]

DESCRIPTION = (
    "Achievements of PlayStation, RetroAchievements, Trophy.so, Steam and Xbox in one graph. "
    "`viewer` is the person whose credentials are used, `user` is anyone by their accounts. "
    "A source that fails leaves the others as they are: `sources` tells the state of each. "
    "More is in the folder `docs` of the project."
)


@strawberry.type(description="All queries.")
class Query:
    @strawberry.field(
        description="The person whose accounts the request's credentials belong to: those in the "
        "caller's headers, else the server's configured ones; null if there are none. Null with an "
        "error for an API key without scope `read`."
    )
    def viewer(self, info: Info) -> User | None:
        viewer = info.context.viewer
        if viewer.access_error is not None:
            raise viewer.access_error
        return User(account_refs=viewer.accounts) if viewer.accounts else None

    @strawberry.field(
        description="A person, by one account on each source. Only the data that the selected "
        "fields need is loaded. An account that does not exist has the state NOT_FOUND, nulls and "
        "empty lists."
    )
    def user(self, info: Info, accounts: AccountsArgument) -> User | None:
        account_refs = [AccountRef(each.source, each.handle) for each in accounts]
        return User(account_refs=validate_accounts(info.context, account_refs))

    @strawberry.field(
        description="A title's definition, without a player; null if the title does not exist, "
        "BAD_USER_INPUT for an id that no title can have."
    )
    async def trophy_title(
        self, info: Info, native_id: NativeId, source: TitleSource = Source.PSN
    ) -> TrophyTitle | None:
        return await get_title_definition(info, source, native_id)

    @strawberry.field(
        description="Compares 2 to 8 people: who has earned what, when, and who was first. With "
        "`nativeId` by one title of `source`, which needs no list; else by all titles that all of "
        "them have, of that source or of all, last updated first. Takes the list of titles of each "
        "account (at least three calls on Steam) and, where achievements are selected, for each "
        "title on the page its definitions once and one call for each person; the people alone "
        "take no call. People whose account is private, does not exist or whose source fails keep "
        "their place: what is in common is found among at least two others. Estimated before the "
        "first call: more than the limits is OPERATION_TOO_COSTLY."
    )
    async def compare(
        self,
        info: Info,
        accounts: PeopleArgument,
        source: Annotated[
            Source | None,
            strawberry.argument(description="Only titles of this source; needed for `nativeId`."),
        ] = strawberry.UNSET,
        native_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="The source's own id of the only title to compare."),
        ] = strawberry.UNSET,
        first: FirstArgument = 10,
        after: AfterArgument = strawberry.UNSET,
    ) -> ComparisonConnection | None:
        request = parse_page_request(COMPARED_TITLES, first, after)
        return await compare_people(info, accounts, request, or_none(source), or_none(native_id))

    @strawberry.field(
        description="The achievement that RetroAchievements has chosen for this week, "
        "`GetAchievementOfTheWeek`; null if there is none."
    )
    async def achievement_of_the_week(self, info: Info) -> AchievementOfTheWeek | None:
        return await find_achievement_of_the_week(info)

    @strawberry.field(
        description="Accounts whose name contains a term; on RetroAchievements and Steam only "
        "the account with exactly that name. A source without a search is BAD_USER_INPUT."
    )
    async def search_accounts(
        self,
        info: Info,
        term: Annotated[
            str, strawberry.argument(description="A name, or a part of one, 1 to 100 characters.")
        ],
        source: Annotated[
            Source, strawberry.argument(description="The source to search.")
        ] = Source.PSN,
        first: FirstArgument = 20,
        after: AfterArgument = strawberry.UNSET,
    ) -> AccountConnection | None:
        info.context.loaders.check_term(source, term)
        request = parse_page_request(FOUND_ACCOUNTS, first, after)
        page = await find_accounts(info.context, source, term, request.first, request.position)
        return build_connection(
            AccountConnection,
            request,
            page,
            lambda profile: build_account(AccountRef(source, profile.native_id), profile=profile),
        )

    @strawberry.field(
        description="All sources of this server: whether each is configured, signed in and "
        "healthy, and how much of its rate limit is left. Makes no call."
    )
    async def sources(self, info: Info) -> list[SourceInfo]:
        return await asyncio.gather(*(get_source_info(info.context, source) for source in Source))

    @strawberry.field(
        description="PSN's persisted operations that this server passes through; none if PSN is "
        "not configured."
    )
    def psn_operations(self, info: Info) -> list[PsnOperation]:
        return list_operations(info.context)

    @strawberry.field(
        description="Executes one of `psnOperations` that does not write, and returns PSN's "
        "response (`data` and `errors`) unchanged. BAD_USER_INPUT for a name that is not listed, "
        "FORBIDDEN for an operation that writes."
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
        return await run_operation(info.context, name, or_none(variables))


@strawberry.type(name="Query", description="All queries.")
class QueryWithNode(Query):
    @strawberry.field(description="The object with this id; null if it no longer exists.")
    async def node(self, info: Info, id: IdArgument) -> Node | None:  # noqa: A002 - Relay's own name
        return await find_node(info, id, "id")

    @strawberry.field(
        description="The objects with these ids, in the same order; null for one that no longer "
        "exists."
    )
    async def nodes(self, info: Info, ids: IdsArgument) -> list[Node | None]:
        return await find_nodes(info, ids)


async def get_source_info(context: ResolverContext, source: Source) -> SourceInfo:
    """Return what is known about a source without a call."""
    try:
        client = context.loaders.get_client(source)
    except ProviderError as error:
        status = SourceStatus.from_status(make_error_status(source, error))
        return SourceInfo(source=source, status=status, budget=None, credential_expires_at=None)
    health = client.get_health() if isinstance(client, HasHealth) else Health()
    get_current().forbid_reuse()
    get_current().forbid_sharing()
    await client.refresh_budget()
    budget = client.get_budget()
    status = make_error_status(source, health.error) if health.error else Status(source)
    return SourceInfo(
        source=source,
        status=SourceStatus.from_status(status),
        budget=budget and from_record(SourceBudget, budget),
        credential_expires_at=health.credential_expires_at,
    )


@cache
def build_schema(
    *,
    with_node: bool = True,
    introspection: bool = True,
    live: bool = True,
    sandbox_addresses: bool = False,
) -> FederatedSchema:
    """Build the schema.

    Without `node` and `nodes` for a supergraph that has its own; without subscriptions for a server
    that watches nothing. With `sandbox_addresses` every URL in a response is this server's own.
    """
    schema = FederatedSchema(
        query=QueryWithNode if with_node else Query,
        mutation=Mutation,
        subscription=Subscription if live else None,
        # Types that are reached only through an interface or a generic connection must be listed.
        types=[*ALL_ACCOUNT_TYPES, Award],
        config=StrawberryConfig(scalar_map=SCALARS),
        federation_version="2.3",
        introspection=introspection,
        find_reference=find_entity,
    )
    schema.graphql_schema.description = DESCRIPTION
    if sandbox_addresses:
        use_sandbox_addresses(schema.graphql_schema)
    return schema
