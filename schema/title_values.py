"""Values that only titles have: their highest award, and the description of the game."""

from datetime import datetime

import strawberry

from schema.enums import AwardKind
from schema.values import Image


@strawberry.federation.type(
    shareable=True, description="The highest award that a player has reached in a title."
)
class TitleAward:
    kind: AwardKind = strawberry.field(description="What it is given for.")
    awarded_at: datetime | None = strawberry.field(
        description="When it was reached; null if the source does not say."
    )


@strawberry.federation.type(
    shareable=True,
    description="The source's description of the game itself; null where there is none.",
)
class TitleInfo:
    publisher: str | None = strawberry.field(
        description="RetroAchievements `Publisher`, Xbox `detail.publisherName`."
    )
    developer: str | None = strawberry.field(
        description="RetroAchievements `Developer`, Xbox `detail.developerName`."
    )
    genre: str | None = strawberry.field(
        description="RetroAchievements `Genre`, Xbox `detail.genres`, joined with commas."
    )
    released_at: datetime | None = strawberry.field(
        description="RetroAchievements `Released`, Xbox `detail.releaseDate`, at midnight UTC: the "
        "first day of the month or the year if the source knows no more."
    )
    box_art: Image | None = strawberry.field(
        description="RetroAchievements `ImageBoxArt`, Xbox's image of type BoxArt."
    )
    title_screen: Image | None = strawberry.field(description="RetroAchievements `ImageTitle`.")
    in_game: Image | None = strawberry.field(description="RetroAchievements `ImageIngame`.")
    parent_native_id: strawberry.ID | None = strawberry.field(
        description="The id of the title that this one is a subset of (RetroAchievements "
        "`ParentGameID`)."
    )
