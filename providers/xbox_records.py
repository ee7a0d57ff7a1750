"""Records of what only Xbox has: profiles and presence.

The rules of `providers/records.py` apply. The module stands beside it, and not in the source's
folder, because resolvers and the schema know these records and no source.
"""

from providers.records import Presence, Profile


class XboxProfile(Profile, frozen=True, kw_only=True):
    """An Xbox account with the fields of its profile; rows of lists lack the last ones."""

    gamertag: str | None = None
    modern_gamertag: str | None = None
    modern_gamertag_suffix: str | None = None
    gamerscore: int | None = None
    reputation: str | None = None
    tier: str | None = None
    tenure_level: int | None = None
    bio: str | None = None
    location: str | None = None


class XboxPresence(Presence, frozen=True, kw_only=True):
    """Whether an Xbox account is online, and what it plays."""

    title_id: str | None = None
    title_name: str | None = None
    text: str | None = None

    @property
    def running_id(self) -> str | None:
        """The id of the title that is played right now."""
        return self.title_id
