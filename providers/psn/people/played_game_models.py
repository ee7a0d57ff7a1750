"""What the game list sends."""

from typing import Annotated

from msgspec import Meta, field

from providers.kit.upstream.decode import Model, NonNegativeInt32

ConceptId = Annotated[int, Meta(ge=0, lt=2**53)]


class ConceptRow(Model, kw_only=True):
    """All builds of a game; here its id is a number, elsewhere text."""

    native_id: ConceptId | str | None = field(name="id", default=None)


class GameRow(Model, kw_only=True):
    """A build that was played."""

    np_title_id: str = field(name="titleId")
    name: str | None = None
    local_name: str | None = field(name="localizedName", default=None)
    image: str | None = field(name="imageUrl", default=None)
    local_image: str | None = field(name="localizedImageUrl", default=None)
    category: str | None = None
    play_count: NonNegativeInt32 | None = field(name="playCount", default=None)
    duration: str | None = field(name="playDuration", default=None)
    first_played: str | None = field(name="firstPlayedDateTime", default=None)
    last_played: str | None = field(name="lastPlayedDateTime", default=None)
    concept: ConceptRow | None = None


class PlayedGamesResponse(Model, kw_only=True):
    """A page of played games; the last one's `nextOffset` is null."""

    games: list[GameRow] = field(name="titles")
    total: NonNegativeInt32 | None = field(name="totalItemCount", default=None)
    next_offset: NonNegativeInt32 | None = field(name="nextOffset", default=None)
