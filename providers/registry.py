"""The sources, one line each."""

from enum import Enum, unique

from providers.psn import Psn
from providers.retroachievements import RetroAchievements
from providers.trophy_so import TrophySo


@unique
class Source(Enum):
    """Every upstream this server knows. The members' order breaks ties wherever sources meet."""

    PSN = Psn()
    RETRO_ACHIEVEMENTS = RetroAchievements()
    TROPHY_SO = TrophySo()


SOURCE_ORDER = {source: place for place, source in enumerate(Source)}
