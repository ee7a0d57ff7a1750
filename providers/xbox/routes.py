"""The routes of OpenXBL, by purpose; routes move, so each purpose has all that are known."""

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True)
class Purpose:
    """What is requested, and the routes that may answer it, the likeliest first."""

    name: str
    routes: tuple[str, ...]

    def build_paths(self, **parameters: str) -> tuple[str, ...]:
        """Return the paths of all routes, with the parameters as single segments."""
        # Commas separate the ids of several accounts.
        quoted = {name: quote(value, safe=",") for name, value in parameters.items()}
        return tuple(route.format(**quoted) for route in self.routes)


OWN_ACCOUNT = Purpose("own_account", ("account", "player/summary"))
PROFILES = Purpose("profiles", ("account/{xuids}",))
SINGLE_PROFILE = Purpose("single_profile", ("account/{xuids}", "player/summary/{xuids}"))
SEARCH = Purpose(
    "search",
    ("search/{gamertag}", "friends/search/{gamertag}", "friends/search?gt={gamertag}"),
)
FRIENDS = Purpose("friends", ("friends/{xuid}",))
OWN_FRIENDS = Purpose("own_friends", ("friends/{xuid}", "friends"))
PRESENCE = Purpose("presence", ("{xuids}/presence",))
TITLES = Purpose(
    "titles", ("achievements/player/{xuid}", "titles/{xuid}", "player/titleHistory/{xuid}")
)
MODERN_TITLE = Purpose(
    "modern_title",
    ("achievements/player/{xuid}/{title_id}", "achievements/player/{xuid}/title/{title_id}"),
)
OWN_MODERN_TITLE = Purpose(
    "own_modern_title",
    (
        "achievements/player/{xuid}/{title_id}",
        "achievements/title/{title_id}",
        "achievements/player/{xuid}/title/{title_id}",
    ),
)
OWN_MODERN_PAGE = Purpose("own_modern_page", ("achievements/title/{title_id}/{token}",))
# Without what the player has earned in it.
X360_SET = Purpose("x360_set", ("achievements/player/{xuid}/title/{title_id}",))
X360_UNLOCKED = Purpose("x360_unlocked", ("achievements/x360/{xuid}/title/{title_id}",))
