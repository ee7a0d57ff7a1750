"""The lists of the graph that are read by cursors, with the names and positions in these."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from resolvers.arguments import AchievementState, TitleOrder
from resolvers.award import AwardKey
from resolvers.live.unlock_event import EventPosition
from resolvers.pagination import RowPosition, check_depth
from resolvers.timeline.timeline import TimelinePosition
from resolvers.title_list.scan import ScanPosition
from resolvers.unlocks.milestones import MilestonePosition
from resolvers.unlocks.rarest import RarityPosition
from schema.global_id import decode_cursor

T = TypeVar("T")


@dataclass(frozen=True)
class CursorList(Generic[T]):
    """A list: its name in a cursor, and the type of the position that follows."""

    name: str
    position_type: type[T]

    def decode(self, after: str | None) -> T | None:
        """Return the position; raise `BadInput` for a cursor of another list, or too deep."""
        # Clients send an empty text for the first page.
        position = decode_cursor(after or None, self.name, self.position_type)
        if isinstance(position, RowPosition):
            check_depth(position)
        return position


FRIENDS = CursorList("friends", RowPosition)
PLAYED_GAMES = CursorList("games", RowPosition)
FOLLOWING = CursorList("following", RowPosition)
FOLLOWERS = CursorList("followers", RowPosition)
WANTED_TITLES = CursorList("wanted", RowPosition)
LEADERBOARDS = CursorList("leaderboards", RowPosition)
RECENTLY_PLAYED = CursorList("played", RowPosition)
MESSAGE_GROUPS = CursorList("groups", RowPosition)
MESSAGES: CursorList[tuple[str]] = CursorList("messages", tuple[str])
FOUND_ACCOUNTS = CursorList("search", RowPosition)
COMPARED_TITLES = CursorList("compared", RowPosition)
AWARDS: CursorList[AwardKey] = CursorList("awards", AwardKey)
RAREST: CursorList[RarityPosition] = CursorList("rarest", RarityPosition)
MILESTONES: CursorList[MilestonePosition] = CursorList("milestones", MilestonePosition)
UNLOCKS: CursorList[EventPosition] = CursorList("unlocks", EventPosition)
TITLES = {order: CursorList(f"titles {order.name}", ScanPosition) for order in TitleOrder}
ACHIEVEMENTS = {state: CursorList(state.name, TimelinePosition) for state in AchievementState}


def _select_titles(values: Mapping[str, Any]) -> CursorList[Any] | None:
    name = values.get("orderBy", TitleOrder.LAST_UPDATED.name)
    return next((TITLES[order] for order in TitleOrder if order.name == name), None)


def _select_achievements(values: Mapping[str, Any]) -> CursorList[Any] | None:
    name = values.get("state", AchievementState.EARNED.name)
    return next((ACHIEVEMENTS[state] for state in AchievementState if state.name == name), None)


# By the name of the field; its arguments choose among several lists.
LISTS_BY_FIELD: Mapping[str, Callable[[Mapping[str, Any]], CursorList[Any] | None]] = {
    "friends": lambda _: FRIENDS,
    "playedGames": lambda _: PLAYED_GAMES,
    "following": lambda _: FOLLOWING,
    "followers": lambda _: FOLLOWERS,
    "wantToPlay": lambda _: WANTED_TITLES,
    "leaderboards": lambda _: LEADERBOARDS,
    "recentlyPlayed": lambda _: RECENTLY_PLAYED,
    "messageGroups": lambda _: MESSAGE_GROUPS,
    "messages": lambda _: MESSAGES,
    "compare": lambda _: COMPARED_TITLES,
    "searchAccounts": lambda _: FOUND_ACCOUNTS,
    "awards": lambda _: AWARDS,
    "trophyTitles": _select_titles,
    "achievements": _select_achievements,
    "rarest": lambda _: RAREST,
    "milestones": lambda _: MILESTONES,
    "achievementUnlocked": lambda _: UNLOCKS,
}
