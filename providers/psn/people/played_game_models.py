"""What the game list sends."""

from typing import Annotated

from msgspec import Meta, field

from providers.kit.upstream.decode import Count, Model

ConceptNumber = Annotated[int, Meta(ge=0, lt=2**53)]


class Concept(Model, kw_only=True):
    """All builds of a game; here its id is a number, elsewhere text."""

    native_id: ConceptNumber | str | None = field(name="id", default=None)


class GameRow(Model, kw_only=True):
    """A build that was played."""

    np_title_id: str = field(name="titleId")
    name: str | None = None
    local_name: str | None = field(name="localizedName", default=None)
    image: str | None = field(name="imageUrl", default=None)
    local_image: str | None = field(name="localizedImageUrl", default=None)
    category: str | None = None
    play_count: Count | None = field(name="playCount", default=None)
    duration: str | None = field(name="playDuration", default=None)
    first_played: str | None = field(name="firstPlayedDateTime", default=None)
    last_played: str | None = field(name="lastPlayedDateTime", default=None)
    concept: Concept | None = None


class Games(Model, kw_only=True):
    """A page of played games; the last one's `nextOffset` is null."""

    games: list[GameRow] = field(name="titles")
    total: Count | None = field(name="totalItemCount", default=None)
    next_offset: Count | None = field(name="nextOffset", default=None)
