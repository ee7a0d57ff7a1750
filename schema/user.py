"""A person, named by one account per source."""

from collections.abc import Sequence
from typing import Annotated

import strawberry
from resolvers.arguments import AchievementState, TitleCompletion, TitleOrder
from strawberry import UNSET

from providers import records
from providers.errors import NotFound
from providers.registry import SOURCE_ORDER, Source
from resolvers import award as awards
from resolvers import campaign as campaigns
from resolvers import context as asked
from resolvers import title as titles
from resolvers import user as users
from resolvers.timeline import timeline as timelines
from resolvers.title_list import scan as walks
from schema import account, campaign, from_record
from schema.award import Award, AwardConnection, AwardSummary
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
from schema.enums import CampaignStatus
from schema.global_id import decode_cursor, encode
from schema.node import Info, Node
from schema.selection import ID_FIELDS, PAGE_FIELDS, Selection
from schema.title import (
    Achievement,
    AchievementConnection,
    RevealHidden,
    StateFilter,
    TrophyTitle,
    TrophyTitleConnection,
)
from schema.title_parts import get_achievement_parts, get_title_parts, needs_only_unlocks
from schema.values import Image, TrophyCounts

SourceFilter = Annotated[
    list[Source] | None,
    strawberry.argument(description="Only these sources; all of the user's when left out."),
]
NativeId = Annotated[
    strawberry.ID, strawberry.argument(description="The title's id at its source.")
]
TitleSource = Annotated[Source, strawberry.argument(description="The source the title is of.")]


@strawberry.type(
    description="What one source counts for the user. Null where it does not count, or failed."
)
class SourceTotals:
    account_ref: strawberry.Private[asked.AccountRef]

    @strawberry.field(description="The source.")
    def source(self) -> Source:
        return self.account_ref.source

    @strawberry.field(description="Titles: PSN `totalItemCount`, RetroAchievements `Total`.")
    async def titles(self, info: Info) -> int | None:
        return await self._get_count(info, "titles")

    @strawberry.field(
        description="Achievements earned: PSN's summary added up, Trophy.so's achieved ones."
    )
    async def earned(self, info: Info) -> int | None:
        return await self._get_count(info, "earned")

    @strawberry.field(description="PSN `earnedTrophies` of the trophy summary.")
    async def earned_counts(self, info: Info) -> TrophyCounts | None:
        counts = await users.get_total(info.context, self.account_ref, "earned_counts")
        return (
            from_record.from_record(TrophyCounts, counts)
            if isinstance(counts, records.TrophyCounts)
            else None
        )

    @strawberry.field(
        description="The source's own points: PSN `trophyPoint`, RetroAchievements `TotalPoints`."
    )
    async def points(self, info: Info) -> int | None:
        return await self._get_count(info, "points")

    @strawberry.field(description="Awards: RetroAchievements `TotalAwardsCount`.")
    async def awards(self, info: Info) -> int | None:
        return await self._get_count(info, "awards")

    async def _get_count(self, info: Info, field: records.TotalName) -> int | None:
        count = await users.get_total(info.context, self.account_ref, field)
        return count if isinstance(count, int) else None


@strawberry.federation.type(
    keys=["id"], description="A person: one account on each of one or more sources."
)
class User(Node):
    account_refs: strawberry.Private[tuple[asked.AccountRef, ...]]

    @strawberry.field(
        description="Made of the accounts as named, without a call (`me` becomes the account id)."
    )
    async def id(self, info: Info) -> strawberry.ID:
        name_handle_pairs = [
            (each.source.name, await users.account_id_or_handle(info.context, each))
            for each in sorted(self.account_refs, key=lambda each: SOURCE_ORDER[each.source])
        ]
        return strawberry.ID(encode("User", *(part for pair in name_handle_pairs for part in pair)))

    @strawberry.field(
        description="The name to show: of the first account, in the order named, that has one."
    )
    async def display_name(self, info: Info) -> str | None:
        return await users.first_non_null(info.context, self.account_refs, "display_name")

    @strawberry.field(
        description="A picture: of the first account, in the order named, that has one."
    )
    async def avatar(self, info: Info) -> Image | None:
        return await users.first_non_null(info.context, self.account_refs, "avatar")

    @strawberry.field(description="The user's accounts, in the order named.")
    def accounts(self, info: Info) -> list[account.Account]:
        selection = Selection.from_info(info)
        return [account.build_account(each, selection) for each in self.account_refs]

    @strawberry.field(description="What each source counts, without paging through anything.")
    def totals(self, sources: SourceFilter = UNSET) -> list[SourceTotals] | None:
        selected, _ = users.select_sources(self.account_refs, or_none(sources))
        return [SourceTotals(account_ref=each) for each in selected]

    @strawberry.field(
        description="Titles of all sources, last updated first. What is nearly done: "
        "`orderBy: FEWEST_LEFT, completion: IN_PROGRESS`."
    )
    async def trophy_titles(
        self,
        info: Info,
        first: FirstArgument = 20,
        after: AfterArgument = UNSET,
        sources: SourceFilter = UNSET,
        order_by: Annotated[
            TitleOrder, strawberry.argument(description="What comes first.")
        ] = TitleOrder.LAST_UPDATED,
        completion: Annotated[
            TitleCompletion, strawberry.argument(description="How far the player is.")
        ] = TitleCompletion.ANY,
    ) -> TrophyTitleConnection:
        validate_first(first)
        name = f"titles {order_by.name}"
        scan_position = decode_cursor(or_none(after), name, walks.ScanPosition) or walks.START
        selected, unlinked = users.select_sources(self.account_refs, or_none(sources))
        selection = Selection.from_info(info)
        needs_ids = selection.has_any_nested(ID_FIELDS)
        query = users.TitlesQuery(first, scan_position, order_by, completion, needs_ids)
        page = await users.get_trophy_titles(info.context, selected, query)
        parts = get_title_parts(selection.descend("edges", "node"))
        edges = [
            Edge(
                cursor=encode(name, *at), node=TrophyTitle.from_record(row.title, row.owner, parts)
            )
            for at, row in page.rows
        ]
        return TrophyTitleConnection(
            edges=edges,
            page_info=build_page_info(edges, after=or_none(after), has_next=page.has_next),
            sources=source_statuses([*page.statuses, *unlinked]),
            count=constant(page.total),
        )

    @strawberry.field(description="One title of the user; null when his account does not have it.")
    async def trophy_title(
        self, info: Info, native_id: NativeId, source: TitleSource = Source.PSN
    ) -> TrophyTitle | None:
        parts = get_title_parts(Selection.from_info(info))
        return await find_user_title(info, self.account_refs, source, native_id, parts)

    @strawberry.field(
        description="EARNED: one timeline over all sources, newest first. LOCKED: what is still "
        "open, titles by last update, then the source's own order. ALL: EARNED, then LOCKED."
    )
    async def achievements(
        self,
        info: Info,
        first: FirstArgument = 20,
        after: AfterArgument = UNSET,
        sources: SourceFilter = UNSET,
        state: StateFilter = AchievementState.EARNED,
        reveal_hidden: RevealHidden = False,
    ) -> AchievementConnection:
        validate_first(first)
        place = decode_cursor(or_none(after), state.name, timelines.TimelinePosition)
        selected, unlinked = users.select_sources(self.account_refs, or_none(sources))

        async def count() -> int | None:
            return await users.count_earned(info.context, selected, state)

        selection = Selection.from_info(info)
        if not selection.has_any(PAGE_FIELDS):  # a count takes no titles to be opened
            return AchievementConnection(
                edges=[],
                page_info=build_page_info([], after=or_none(after), has_next=False),
                sources=[],
                count=count,
            )
        node = selection.descend("edges", "node")
        parts = get_achievement_parts(node, reveal_hidden)
        timeline = await timelines.open_timeline(
            info.context,
            selected,
            parts,
            unlocks_only=needs_only_unlocks(node),
            needs_ids=node.has_any_nested(ID_FIELDS),
        )
        page = await timeline.get_page(state, first, place, reveal=reveal_hidden)
        edges = [
            Edge(
                cursor=encode(state.name, *position),
                node=Achievement.from_record(entry.achievement, entry.owner, entry.title),
            )
            for position, entry in page.rows
        ]
        return AchievementConnection(
            edges=edges,
            page_info=build_page_info(edges, after=or_none(after), has_next=page.has_next),
            sources=source_statuses([*page.statuses, *unlinked]),
            count=count,
        )

    @strawberry.field(description="Awards of all sources that give any, newest first.")
    async def awards(
        self,
        info: Info,
        first: FirstArgument = 20,
        after: AfterArgument = UNSET,
        sources: SourceFilter = UNSET,
    ) -> AwardConnection:
        validate_first(first)
        place = decode_cursor(or_none(after), "awards", tuple[float, int, str])
        selected, unlinked = users.select_sources(self.account_refs, or_none(sources))
        page = await awards.get_awards(info.context, selected, first, place)
        edges = [
            Edge(cursor=encode("awards", *place), node=Award.from_record(record, shelf))
            for place, shelf, record in page.rows
        ]
        return AwardConnection(
            edges=edges,
            page_info=build_page_info(edges, after=or_none(after), has_next=page.has_next),
            sources=source_statuses([*page.statuses, *unlinked]),
            count=constant(page.total),
            summary=page.summary and from_record.from_record(AwardSummary, page.summary),
        )

    @strawberry.field(
        description="PlayStation Stars; the viewer's own account alone. Null with an error when "
        "not enrolled, not the viewer, or retired."
    )
    async def campaigns(
        self,
        info: Info,
        statuses: Annotated[
            list[CampaignStatus] | None,
            strawberry.argument(description="Only campaigns of these; all when left out."),
        ] = UNSET,
    ) -> list[campaign.Campaign] | None:
        owner = await campaigns.require_campaign_owner(info.context, self.account_refs)
        found = campaign.build_campaigns(await campaigns.get_campaigns(info.context, owner), owner)
        allowed = or_none(statuses)
        return [each for each in found if allowed is None or each.status in allowed]


async def find_user_title(
    info: Info,
    accounts: Sequence[asked.AccountRef],
    source: Source,
    native_id: str,
    parts: records.Part,
) -> TrophyTitle | None:
    """A title that one of the accounts has."""
    info.context.loaders.check_title(source, native_id)
    found = next((each for each in accounts if each.source is source), None)
    if found is None:
        return None
    try:
        needs_ids = Selection.from_info(info).has_any_nested(ID_FIELDS)
        owner = await titles.owner_of(info.context, found, needs_ids=needs_ids, prefetch_list=True)
    except NotFound:
        return None
    found_title = await titles.find_title(info.context, owner, native_id)
    return found_title and TrophyTitle.from_record(
        found_title.record, owner, parts, found_title.request_title
    )
