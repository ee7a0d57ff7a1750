"""The registry of sources, one line each."""

from enum import Enum, unique

from providers.psn import Psn
from providers.retroachievements import RetroAchievements
from providers.steam import Steam
from providers.trophy_so import TrophySo
from providers.xbox import Xbox


@unique
class Source(Enum):
    """The sources of this server. Their order breaks ties between entries of several sources."""

    PSN = Psn()
    RETRO_ACHIEVEMENTS = RetroAchievements()
    TROPHY_SO = TrophySo()
    STEAM = Steam()
    XBOX = Xbox()

    # A member is only equal to itself; an enum's own hash is a function of Python.
    __hash__ = object.__hash__


# The request headers with callers' own credentials.
CREDENTIAL_HEADERS = frozenset(
    name for source in Source for name in source.value.credential_headers
)
# The languages that any source has.
LANGUAGES = tuple(dict.fromkeys(tag for source in Source for tag in source.value.languages))
SOURCE_ORDER = {source: position for position, source in enumerate(Source)}
