"""A user: one account on each of one or more sources."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import UNSET

from providers import records
from providers.capabilities import HasUnlockHistory
from providers.errors import NotFound
from providers.registry import SOURCE_ORDER, Source
from resolvers.arguments import AchievementState, TitleCompletion, TitleOrder
from resolvers.award import get_awards
from resolvers.campaign import get_campaigns, require_campaign_owner
from resolvers.context import AccountRef
from resolvers.pagination import Page
from resolvers.recently_played import get_recently_played
from resolvers.timeline.entry import TimelineEntry
from resolvers.timeline.timeline import open_timeline
from resolvers.title import find_title, find_title_by_contents, owner_of
from resolvers.title_list.scan import SCAN_START
from resolvers.unlocks.all_unlocks import UnlocksQuery
from resolvers.unlocks.milestones import get_milestones
from resolvers.unlocks.rarest import RARITY_PARTS, get_rarest
from resolvers.unlocks.unlock_counts import CountsQuery, count_unlocks
from resolvers.user import (
    account_id_or_handle,
    check_period_state,
    count_earned,
    first_non_null,
    get_total,
    select_sources,
)
from resolvers.user_titles import TitlesQuery, get_user_titles
from schema.account import Account
from schema.account_types import build_account
from schema.award import Award, AwardConnection, AwardSummary
from schema.campaign import Campaign, build_campaigns
from schema.connection import (
    AfterArgument,
    FirstArgument,
    build_connection,
    or_none,
    parse_page_request,
)
from schema.direct_resolvers import starts_at_once
from schema.enums import CampaignStatus
from schema.findings import find_in_selection
from schema.from_record import from_record
from schema.global_id import encode
from schema.list_cursors import ACHIEVEMENTS, AWARDS, MILESTONES, RAREST, RECENTLY_PLAYED, TITLES
from schema.milestone import Every, Milestone, MilestoneConnection, check_every
from schema.node import Info, Node
from schema.played_title import PlayedTitle, PlayedTitleConnection
from schema.selection import ID_FIELDS, Selection
from schema.single_title import find_parts_without_list
from schema.title import (
    Achievement,
    AchievementConnection,
    RevealHidden,
    StateFilter,
    TrophyTitle,
    TrophyTitleConnection,
)
from schema.title_parts import (
    TITLE_COUNT_FIELDS,
    find_entry_needs,
    find_list_needs,
    get_achievement_parts,
    get_title_parts,
    needs_only_unlocks,
)
from schema.unlock_statistics import (
    DEFAULT_TITLES,
    Dimension,
    MaxTitles,
    RarestConnection,
    Since,
    UnlockStatistics,
    Until,
    check_max_titles,
)
from schema.values import Image, TrophyCounts

SourceFilter = Annotated[
    list[Source] | None,
    strawberry.argument(description="Only these sources; all of the user's if left out."),
]
NativeId = Annotated[
    strawberry.ID, strawberry.argument(description="The source's own id of the title.")
]
EarnedSince = Annotated[
    datetime | None,
    strawberry.argument(description="Only what was earned at this time or later; EARNED only."),
]
EarnedUntil = Annotated[
    datetime | None,
    strawberry.argument(description="Only what was earned before this time; EARNED only."),
]
TitleSource = Annotated[Source, strawberry.argument(description="The source of the title.")]


@strawberry.type(
    description="The totals of one source for the user; null if it does not count them, or failed."
)
class SourceTotals:
    account_ref: strawberry.Private[AccountRef]

    @strawberry.field(description="The source.")
    def source(self) -> Source:
        return self.account_ref.source

    @strawberry.field(
        description="Number of titles: PSN `totalItemCount`, RetroAchievements `Total`, Steam's "
        "library, without borrowed games, Xbox titles with achievements."
    )
    async def titles(self, info: Info) -> int | None:
        return await self._get_count(info, "titles")

    @strawberry.field(
        description="Number of earned achievements: PSN's trophy summary added up, Trophy.so's "
        "achieved ones counted, Xbox `currentAchievements` of all titles added up."
    )
    async def earned(self, info: Info) -> int | None:
        return await self._get_count(info, "earned")

    @strawberry.field(
        description="Number of earned trophies of each grade: PSN `earnedTrophies` of the trophy "
        "summary."
    )
    async def earned_counts(self, info: Info) -> TrophyCounts | None:
        counts = await get_total(info.context, self.account_ref, "earned_counts")
        return (
            from_record(TrophyCounts, counts) if isinstance(counts, records.TrophyCounts) else None
        )

    @strawberry.field(
        description="The source's own points: PSN `trophyPoint`, RetroAchievements `TotalPoints`, "
        "Xbox `Gamerscore`."
    )
    async def points(self, info: Info) -> int | None:
        return await self._get_count(info, "points")

    @strawberry.field(description="Number of awards: RetroAchievements `TotalAwardsCount`.")
    async def awards(self, info: Info) -> int | None:
        return await self._get_count(info, "awards")

    async def _get_count(self, info: Info, field: records.TotalName) -> int | None:
        count = await get_total(info.context, self.account_ref, field)
        return count if isinstance(count, int) else None


@strawberry.federation.type(
    keys=["id"], description="A person: one account on each of one or more sources."
)
class User(Node):
    account_refs: strawberry.Private[tuple[AccountRef, ...]]

    @strawberry.field(
        description="Opaque; made from the accounts in the query, without a call. Only for `me` "
        "and where names change hands (RetroAchievements, Steam, Xbox) the account id is loaded."
    )
    @starts_at_once  # what it may wait for is loaded by a task of the cache
    async def id(self, info: Info) -> strawberry.ID:
        name_handle_pairs = [
            (each.source.name, await account_id_or_handle(info.context, each))
            for each in sorted(self.account_refs, key=lambda each: SOURCE_ORDER[each.source])
        ]
        return strawberry.ID(encode("User", *(part for pair in name_handle_pairs for part in pair)))

    @strawberry.field(
        description="The name to display: that of the first account that has one, in the order of "
        "the query."
    )
    async def display_name(self, info: Info) -> str | None:
        return await first_non_null(info.context, self.account_refs, "display_name")

    @strawberry.field(
        description="A picture: that of the first account that has one, in the order of the query."
    )
    async def avatar(self, info: Info) -> Image | None:
        return await first_non_null(info.context, self.account_refs, "avatar")

    @strawberry.field(description="The user's accounts, in the order of the query.")
    def accounts(self, info: Info) -> list[Account]:
        selection = Selection.from_info(info)
        return [build_account(each, selection) for each in self.account_refs]

    @strawberry.field(description="The totals of each source, without reading any list.")
    def totals(self, sources: SourceFilter = UNSET) -> list[SourceTotals] | None:
        selected, _ = select_sources(self.account_refs, or_none(sources))
        return [SourceTotals(account_ref=each) for each in selected]

    @strawberry.field(
        description="Titles of all sources, last updated first. For those that are nearly "
        "completed: `orderBy: FEWEST_LEFT, completion: IN_PROGRESS`."
    )
    async def trophy_titles(
        self,
        info: Info,
        first: FirstArgument = 20,
        after: AfterArgument = UNSET,
        sources: SourceFilter = UNSET,
        order_by: Annotated[
            TitleOrder, strawberry.argument(description="The order of the titles.")
        ] = TitleOrder.LAST_UPDATED,
        completion: Annotated[
            TitleCompletion, strawberry.argument(description="Only titles with this progress.")
        ] = TitleCompletion.ANY,
    ) -> TrophyTitleConnection:
        request = parse_page_request(TITLES[order_by], first, after)
        selected, unlinked = select_sources(self.account_refs, or_none(sources))
        parts, needs_ids, needs_counts = find_in_selection(info, find_list_needs)
        query = TitlesQuery(
            request.first,
            request.position or SCAN_START,
            order_by,
            completion,
            needs_ids=needs_ids,
            needs_counts=needs_counts,
        )
        page = await get_user_titles(info.context, selected, query)
        return build_connection(
            TrophyTitleConnection,
            request,
            page,
            lambda row: TrophyTitle.from_record(row.title, row.owner, parts),
            unlinked=unlinked,
        )

    @strawberry.field(
        description="One title of the user; null if the user's account does not have it."
    )
    async def trophy_title(
        self, info: Info, native_id: NativeId, source: TitleSource = Source.PSN
    ) -> TrophyTitle | None:
        selection = Selection.from_info(info)
        row_free_parts = find_parts_without_list(info, native_id)
        if row_free_parts is None:
            parts = get_title_parts(selection)
            return await find_user_title(info, self.account_refs, source, native_id, parts)
        return await find_user_title(
            info, self.account_refs, source, native_id, row_free_parts, needs_row=False
        )

    @strawberry.field(
        description="EARNED: one timeline over all sources, newest first. LOCKED: by title, last "
        "updated first, then in the source's own order. ALL: EARNED, then LOCKED. `since` and "
        "`until` narrow EARNED, with any other state they are BAD_USER_INPUT: nothing older than "
        "`since` is opened, and on RetroAchievements only that time is requested. In a period the "
        "achievements of which the time is unknown are left out, and `totalCount` is null."
    )
    async def achievements(
        self,
        info: Info,
        first: FirstArgument = 20,
        after: AfterArgument = UNSET,
        sources: SourceFilter = UNSET,
        *,
        state: StateFilter = AchievementState.EARNED,
        reveal_hidden: RevealHidden = False,
        since: EarnedSince = UNSET,
        until: EarnedUntil = UNSET,
    ) -> AchievementConnection:
        request = parse_page_request(ACHIEVEMENTS[state], first, after)
        period = records.Period(or_none(since), or_none(until))
        check_period_state(state, *period)
        selected, unlinked = select_sources(self.account_refs, or_none(sources))

        async def count() -> int | None:
            return await count_earned(info.context, selected, state, period)

        def build_node(entry: TimelineEntry) -> Achievement:
            return Achievement.from_record(entry.achievement, entry.owner, entry.title)

        needs = find_in_selection(info, find_entry_needs, reveal=reveal_hidden)
        if not needs.needs_page:  # the count alone needs no title
            return build_connection(
                AchievementConnection, request, Page[TimelineEntry](), build_node, count=count
            )
        timeline = await open_timeline(
            info.context,
            selected,
            needs.parts,
            unlocks_only=needs.unlocks_only,
            needs_ids=needs.needs_ids,
            period=period,
        )
        page = await timeline.get_page(state, first, request.position, reveal=reveal_hidden)
        return build_connection(
            AchievementConnection, request, page, build_node, unlinked=unlinked, count=count
        )

    @strawberry.field(
        description="How many achievements the user has earned, by day, month, platform, source, "
        "rarity or grade. By SOURCE, PLATFORM and GRADE it takes the lists of titles alone, one "
        "call for up to 800 titles (on Steam three, and one for each borrowed game, and for each "
        "title that its counts lack). By DAY and MONTH, and within a period, it also takes one "
        "call for each title in which something is earned, at most `maxTitles` (none on "
        "RetroAchievements, whose history has the times); by RARITY one for each title on "
        "RetroAchievements as well, and two on Steam. What was opened before comes from the cache. "
        "Estimated before the first call: more than the limits is OPERATION_TOO_COSTLY."
    )
    async def statistics(
        self,
        info: Info,
        by: Dimension,
        sources: SourceFilter = UNSET,
        since: Since = UNSET,
        until: Until = UNSET,
        max_titles: MaxTitles = DEFAULT_TITLES,
    ) -> UnlockStatistics | None:
        check_max_titles(max_titles)
        selected, unlinked = select_sources(self.account_refs, or_none(sources))
        query = CountsQuery(by, max_titles, records.Period(or_none(since), or_none(until)))
        counts = await count_unlocks(info.context, selected, query)
        return UnlockStatistics.from_counts(by, counts, unlinked)

    @strawberry.field(
        description="The earned achievements of all sources with the lowest rarity first; those of "
        "which no source tells it are left out. Takes the lists of titles, one call for each title "
        "in which something is earned, at most `maxTitles` (two on Steam), and what the selected "
        "fields need of the titles on the page. What was opened before comes from the cache. "
        "Estimated before the first call: more than the limits is OPERATION_TOO_COSTLY."
    )
    async def rarest(
        self,
        info: Info,
        first: FirstArgument = 20,
        after: AfterArgument = UNSET,
        sources: SourceFilter = UNSET,
        max_titles: MaxTitles = DEFAULT_TITLES,
    ) -> RarestConnection | None:
        check_max_titles(max_titles)
        request = parse_page_request(RAREST, first, after)
        selected, unlinked = select_sources(self.account_refs, or_none(sources))
        node = Selection.from_info(info).descend("edges", "node")
        query = UnlocksQuery(
            max_titles,
            RARITY_PARTS,
            get_achievement_parts(node, reveal=True),
            needs_ids=node.has_any_nested(ID_FIELDS),
        )
        page = await get_rarest(info.context, selected, request.first, request.position, query)
        return build_connection(
            RarestConnection,
            request,
            page,
            lambda entry: Achievement.from_record(entry.achievement, entry.owner, entry.title),
            unlinked=unlinked,
            unread_titles=page.unread_titles,
        )

    @strawberry.field(
        description="The user's milestones over all sources, newest first: the first unlock, each "
        "`every`-th one, the first platinum trophy and the first completion. Needs everything that "
        "is earned: the lists of titles, and one call for each title in which something is earned "
        "(none on RetroAchievements, whose history has the times). More titles than `maxTitles` "
        "are OPERATION_TOO_COSTLY before the first of them is opened. What was opened before comes "
        "from the cache. A source of which anything is missing would shift all numbers: it is "
        "left out, see `sources`."
    )
    async def milestones(
        self,
        info: Info,
        first: FirstArgument = 20,
        after: AfterArgument = UNSET,
        sources: SourceFilter = UNSET,
        every: Every = 100,
        max_titles: MaxTitles = DEFAULT_TITLES,
    ) -> MilestoneConnection | None:
        check_max_titles(max_titles)
        check_every(every)
        request = parse_page_request(MILESTONES, first, after)
        selected, unlinked = select_sources(self.account_refs, or_none(sources))
        node = Selection.from_info(info).descend("edges", "node", "achievement")
        query = UnlocksQuery(
            max_titles,
            node_parts=get_achievement_parts(node, reveal=True),
            needs_ids=node.has_any_nested(ID_FIELDS),
            unlocks_only=needs_only_unlocks(node),
            needs_all=True,
        )
        page = await get_milestones(
            info.context, selected, request.first, request.position, every, query
        )
        return build_connection(
            MilestoneConnection,
            request,
            page,
            Milestone.from_milestone,
            unlinked=unlinked,
            undated=page.undated,
        )

    @strawberry.field(
        description="Titles of all sources that tell when they were played, last played first, "
        "those without a known time last. On PSN they are found by the builds of games, one call "
        "for five of them; builds without trophies are left out. `totalCount` is null where PSN or "
        "RetroAchievements is among the sources."
    )
    async def recently_played(
        self,
        info: Info,
        first: FirstArgument = 20,
        after: AfterArgument = UNSET,
        sources: SourceFilter = UNSET,
    ) -> PlayedTitleConnection:
        request = parse_page_request(RECENTLY_PLAYED, first, after)
        selected, unlinked = select_sources(self.account_refs, or_none(sources))
        needs_ids = Selection.from_info(info).has_any_nested(ID_FIELDS)
        page = await get_recently_played(
            info.context, selected, first, request.position, needs_ids=needs_ids
        )
        return build_connection(
            PlayedTitleConnection,
            request,
            page,
            lambda entry: PlayedTitle(entry=entry),
            unlinked=unlinked,
        )

    @strawberry.field(description="Awards of all sources that have awards, newest first.")
    async def awards(
        self,
        info: Info,
        first: FirstArgument = 20,
        after: AfterArgument = UNSET,
        sources: SourceFilter = UNSET,
    ) -> AwardConnection:
        request = parse_page_request(AWARDS, first, after)
        selected, unlinked = select_sources(self.account_refs, or_none(sources))
        needs_ids = Selection.from_info(info).has_any_nested(ID_FIELDS)
        page = await get_awards(
            info.context, selected, first, request.position, needs_ids=needs_ids
        )
        return build_connection(
            AwardConnection,
            request,
            page,
            lambda row: Award.from_record(row[1], row[0]),
            unlinked=unlinked,
            summary=page.summary and from_record(AwardSummary, page.summary),
        )

    @strawberry.field(
        description="The PlayStation Stars campaigns of the viewer's own account. Null with an "
        "error for any other user, for an account that is not enrolled, or after the program was "
        "retired."
    )
    async def campaigns(
        self,
        info: Info,
        statuses: Annotated[
            list[CampaignStatus] | None,
            strawberry.argument(description="Only campaigns with these statuses; all if left out."),
        ] = UNSET,
    ) -> list[Campaign] | None:
        owner = await require_campaign_owner(info.context, self.account_refs)
        found = build_campaigns(await get_campaigns(info.context, owner), owner)
        allowed = or_none(statuses)
        return [each for each in found if allowed is None or each.status in allowed]


async def find_user_title(
    info: Info,
    accounts: Sequence[AccountRef],
    source: Source,
    native_id: str,
    parts: records.Part,
    *,
    needs_row: bool = True,
) -> TrophyTitle | None:
    """Return a title of one of the accounts; None if none of them has it.

    Without `needs_row` the parts have all selected fields, and prove that the account has it.
    """
    info.context.loaders.check_title(source, native_id)
    found = next((each for each in accounts if each.source is source), None)
    if found is None:
        return None
    try:
        selection = Selection.from_info(info)
        needs_ids = selection.has_any_nested(ID_FIELDS)
        with_counts = selection.has_any(TITLE_COUNT_FIELDS)
        reads_list = needs_row or info.context.loaders.has_capability(source, HasUnlockHistory)
        owner = await owner_of(
            info.context,
            found,
            needs_ids=needs_ids,
            prefetch_list=reads_list,
            with_counts=with_counts,
        )
    except NotFound:
        return None
    if reads_list:
        found_title = await find_title(info.context, owner, native_id, with_counts=with_counts)
    else:
        found_title = await find_title_by_contents(info.context, owner, native_id, parts)
    return found_title and TrophyTitle.from_record(
        found_title.record, owner, parts, found_title.request_title
    )
