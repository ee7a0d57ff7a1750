"""A person, named by one account per source."""

from collections.abc import Sequence
from typing import Annotated

import strawberry
from strawberry import UNSET

from providers import records
from providers.errors import NotFound
from providers.records import AchievementState, TitleCompletion, TitleOrder
from providers.registry import ORDER, Source
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
    After,
    Edge,
    First,
    checked_first,
    given,
    known,
    page_info,
    statuses,
)
from schema.enums import CampaignStatus
from schema.global_id import packed, placed
from schema.node import Info, Node
from schema.selection import IDS, OF_PAGE, Selection
from schema.title import (
    Achievement,
    AchievementConnection,
    Reveal,
    State,
    TrophyTitle,
    TrophyTitleConnection,
)
from schema.title_parts import achievement_parts, is_thin, title_parts
from schema.values import Image, TrophyCounts

Sources = Annotated[
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
    account: strawberry.Private[asked.Account]

    @strawberry.field(description="The source.")
    def source(self) -> Source:
        return self.account.source

    @strawberry.field(description="Titles: PSN `totalItemCount`, RetroAchievements `Total`.")
    async def titles(self, info: Info) -> int | None:
        return await self._whole(info, "titles")

    @strawberry.field(
        description="Achievements earned: PSN's summary added up, Trophy.so's achieved ones."
    )
    async def earned(self, info: Info) -> int | None:
        return await self._whole(info, "earned")

    @strawberry.field(description="PSN `earnedTrophies` of the trophy summary.")
    async def earned_counts(self, info: Info) -> TrophyCounts | None:
        counts = await users.total(info.context, self.account, "earned_counts")
        return (
            from_record.of(TrophyCounts, counts)
            if isinstance(counts, records.TrophyCounts)
            else None
        )

    @strawberry.field(
        description="The source's own points: PSN `trophyPoint`, RetroAchievements `TotalPoints`."
    )
    async def points(self, info: Info) -> int | None:
        return await self._whole(info, "points")

    @strawberry.field(description="Awards: RetroAchievements `TotalAwardsCount`.")
    async def awards(self, info: Info) -> int | None:
        return await self._whole(info, "awards")

    async def _whole(self, info: Info, field: records.Counted) -> int | None:
        count = await users.total(info.context, self.account, field)
        return count if isinstance(count, int) else None


@strawberry.federation.type(
    keys=["id"], description="A person: one account on each of one or more sources."
)
class User(Node):
    accounts_named: strawberry.Private[tuple[asked.Account, ...]]

    @strawberry.field(
        description="Made of the accounts as named, without a call (`me` becomes the account id)."
    )
    async def id(self, info: Info) -> strawberry.ID:
        named = [
            (each.source.name, await users.named_in_ids(info.context, each))
            for each in sorted(self.accounts_named, key=lambda each: ORDER[each.source])
        ]
        return strawberry.ID(packed("User", *(part for pair in named for part in pair)))

    @strawberry.field(
        description="The name to show: of the first account, in the order named, that has one."
    )
    async def display_name(self, info: Info) -> str | None:
        return await users.first_known(info.context, self.accounts_named, "display_name")

    @strawberry.field(
        description="A picture: of the first account, in the order named, that has one."
    )
    async def avatar(self, info: Info) -> Image | None:
        return await users.first_known(info.context, self.accounts_named, "avatar")

    @strawberry.field(description="The user's accounts, in the order named.")
    def accounts(self, info: Info) -> list[account.Account]:
        selection = Selection.below(info)
        return [account.account_of(each, selection) for each in self.accounts_named]

    @strawberry.field(description="What each source counts, without paging through anything.")
    def totals(self, sources: Sources = UNSET) -> list[SourceTotals] | None:
        wanted, _ = users.narrowed(self.accounts_named, given(sources))
        return [SourceTotals(account=each) for each in wanted]

    @strawberry.field(
        description="Titles of all sources, last updated first. What is nearly done: "
        "`orderBy: FEWEST_LEFT, completion: IN_PROGRESS`."
    )
    async def trophy_titles(
        self,
        info: Info,
        first: First = 20,
        after: After = UNSET,
        sources: Sources = UNSET,
        order_by: Annotated[
            TitleOrder, strawberry.argument(description="What comes first.")
        ] = TitleOrder.LAST_UPDATED,
        completion: Annotated[
            TitleCompletion, strawberry.argument(description="How far the player is.")
        ] = TitleCompletion.ANY,
    ) -> TrophyTitleConnection:
        checked_first(first)
        name = f"titles {order_by.name}"
        reached = placed(given(after), name, walks.Reached) or walks.START
        wanted, vain = users.narrowed(self.accounts_named, given(sources))
        selection = Selection.below(info)
        named = selection.anywhere(IDS)
        question = users.TitlesQuestion(first, reached, order_by, completion, named)
        page = await users.trophy_titles(info.context, wanted, question)
        parts = title_parts(selection.at("edges", "node"))
        edges = [
            Edge(cursor=packed(name, *at), node=TrophyTitle.of(row.title, row.shelf, parts))
            for at, row in page.rows
        ]
        return TrophyTitleConnection(
            edges=edges,
            page_info=page_info(edges, after=given(after), has_next=page.has_next),
            sources=statuses([*page.statuses, *vain]),
            count=known(page.total),
        )

    @strawberry.field(description="One title of the user; null when his account does not have it.")
    async def trophy_title(
        self, info: Info, native_id: NativeId, source: TitleSource = Source.PSN
    ) -> TrophyTitle | None:
        parts = title_parts(Selection.below(info))
        return await title_of_user(info, self.accounts_named, source, native_id, parts)

    @strawberry.field(
        description="EARNED: one timeline over all sources, newest first. LOCKED: what is still "
        "open, titles by last update, then the source's own order. ALL: EARNED, then LOCKED."
    )
    async def achievements(
        self,
        info: Info,
        first: First = 20,
        after: After = UNSET,
        sources: Sources = UNSET,
        state: State = AchievementState.EARNED,
        reveal_hidden: Reveal = False,
    ) -> AchievementConnection:
        checked_first(first)
        place = placed(given(after), state.name, timelines.Position)
        wanted, vain = users.narrowed(self.accounts_named, given(sources))

        async def count() -> int | None:
            return await users.earned_in_all(info.context, wanted, state)

        selection = Selection.below(info)
        if not selection.any(OF_PAGE):  # a count takes no titles to be opened
            return AchievementConnection(
                edges=[],
                page_info=page_info([], after=given(after), has_next=False),
                sources=[],
                count=count,
            )
        node = selection.at("edges", "node")
        parts = achievement_parts(node, reveal_hidden)
        timeline = await timelines.timeline(
            info.context, wanted, parts, thin=is_thin(node), named=node.anywhere(IDS)
        )
        page = await timeline.page(state, first, place, reveal=reveal_hidden)
        edges = [
            Edge(
                cursor=packed(state.name, *position),
                node=Achievement.of(entry.achievement, entry.shelf, entry.title),
            )
            for position, entry in page.entries
        ]
        return AchievementConnection(
            edges=edges,
            page_info=page_info(edges, after=given(after), has_next=page.has_next),
            sources=statuses([*page.statuses, *vain]),
            count=count,
        )

    @strawberry.field(description="Awards of all sources that give any, newest first.")
    async def awards(
        self, info: Info, first: First = 20, after: After = UNSET, sources: Sources = UNSET
    ) -> AwardConnection:
        checked_first(first)
        place = placed(given(after), "awards", tuple[float, int, str])
        wanted, vain = users.narrowed(self.accounts_named, given(sources))
        page = await awards.awards(info.context, wanted, first, place)
        edges = [
            Edge(cursor=packed("awards", *place), node=Award.of(record, shelf))
            for place, shelf, record in page.awards
        ]
        return AwardConnection(
            edges=edges,
            page_info=page_info(edges, after=given(after), has_next=page.has_next),
            sources=statuses([*page.statuses, *vain]),
            count=known(page.total),
            summary=page.summary and from_record.of(AwardSummary, page.summary),
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
        shelf = await campaigns.own_shelf(info.context, self.accounts_named)
        found = campaign.several(await campaigns.campaigns(info.context, shelf), shelf)
        wanted = given(statuses)
        return [each for each in found if wanted is None or each.status in wanted]


async def title_of_user(
    info: Info,
    accounts: Sequence[asked.Account],
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
        named = Selection.below(info).anywhere(IDS)
        shelf = await titles.shelf_of(info.context, found, named=named, listed=True)
    except NotFound:
        return None
    held = await titles.of_account(info.context, shelf, native_id)
    return held and TrophyTitle.of(held.record, shelf, parts, held.asked)
