"""Maps players to profiles and presences; what is hidden stays unknown."""

from urllib.parse import urlsplit

from providers.kit.text import MAX_NAME_LENGTH, sanitize_url, truncate
from providers.kit.upstream.decode import parse_time
from providers.steam.cached_records import Summary
from providers.steam.identifiers import APP_ID_PATTERN, VANITY_PATTERN
from providers.steam.images import map_avatar
from providers.steam.models import PlayerSummary
from providers.steam_records import SteamPresence, SteamProfile

PUBLIC_STATE = 3
ONLINE_STATES = (
    "offline",
    "online",
    "busy",
    "away",
    "snooze",
    "looking to trade",
    "looking to play",
)


def map_summary(player: PlayerSummary) -> Summary:
    """Map a player to the two records that its row contains."""
    return Summary(profile=_map_profile(player), presence=_map_presence(player))


def _map_profile(player: PlayerSummary) -> SteamProfile:
    visibility = player.communityvisibilitystate
    return SteamProfile(
        native_id=player.steamid,
        handle=_find_vanity_name(player.profileurl) or player.steamid,
        display_name=truncate(player.personaname, MAX_NAME_LENGTH),
        avatar=map_avatar(player.avatarfull, player.avatarmedium, player.avatar),
        profile_url=sanitize_url(player.profileurl),
        is_public=None if visibility is None else visibility == PUBLIC_STATE,
        country=truncate(player.loccountrycode, MAX_NAME_LENGTH),
        created_at=parse_time(player.timecreated),
    )


def _map_presence(player: PlayerSummary) -> SteamPresence:
    state = player.personastate
    app_id = player.gameid
    return SteamPresence(
        online_status=_get_online_status(state),
        # Games outside of Steam that the player has added have ids too, of 64 bits.
        app_id=app_id if app_id and APP_ID_PATTERN.fullmatch(app_id) else None,
        title_name=truncate(player.gameextrainfo, MAX_NAME_LENGTH),
        last_online_at=parse_time(player.lastlogoff),
    )


def _get_online_status(state: int | None) -> str | None:
    is_known = state is not None and state < len(ONLINE_STATES)
    return ONLINE_STATES[state] if is_known and state is not None else None


def _find_vanity_name(url: str | None) -> str | None:
    """Return the vanity name in the address of a profile: `…/id/NAME/`."""
    try:
        parts = urlsplit(url or "").path.strip("/").split("/")
    except ValueError:
        return None
    has_name = len(parts) == len(("id", "NAME")) and parts[0] == "id"
    return parts[1] if has_name and VANITY_PATTERN.fullmatch(parts[1]) else None
