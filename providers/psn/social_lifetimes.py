"""How long what is known of presences, friends, games and messages is good, in seconds."""

from providers.kit.cache import Kind
from providers.psn.lifetimes import DAY, HOUR, MINUTE
from providers.psn.social_parts import Hits, Stretch
from providers.records import (
    FriendPage,
    PsnMessageGroup,
    PsnMessagePage,
    PsnPlayedGamePage,
    PsnPresence,
)

PRESENCE: Kind[PsnPresence | None] = Kind(
    "PSN.presence", PsnPresence | None, fresh=30, stale=MINUTE, rescue=10 * MINUTE
)
# Only joins those who ask for the same rows at once: each row is remembered on its own.
PRESENCES: Kind[dict[str, PsnPresence]] = Kind("PSN.presences", dict[str, PsnPresence], fresh=1)
FRIENDS: Kind[FriendPage] = Kind("PSN.friends", FriendPage, fresh=MINUTE, rescue=DAY, written=True)
HITS: Kind[Hits] = Kind("PSN.hits", Hits, fresh=5 * MINUTE, rescue=HOUR)
PLAYED_GAMES: Kind[PsnPlayedGamePage] = Kind(
    "PSN.played_games",
    PsnPlayedGamePage,
    fresh=MINUTE,
    stale=5 * MINUTE,
    rescue=DAY,
    localized=True,
)
GAME_LIST_LIMIT: Kind[int] = Kind("PSN.game_list_limit", int, fresh=DAY, shared=True)
# Private talk is kept only as long as one look at it takes, and never stands in for a failure.
GROUPS: Kind[Stretch] = Kind("PSN.groups_of_viewer", Stretch, fresh=15, local=True, written=True)
GROUP: Kind[PsnMessageGroup] = Kind(
    "PSN.group", PsnMessageGroup, fresh=15, local=True, written=True
)
MESSAGES: Kind[PsnMessagePage] = Kind(
    "PSN.messages", PsnMessagePage, fresh=5, local=True, written=True
)
