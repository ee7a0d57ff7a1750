"""Maps gamerscore, and the description of a game in a list."""

from providers.kit.text import MAX_NAME_LENGTH, truncate
from providers.kit.upstream.decode import parse_time
from providers.records import AchievementPoints, TitleInfo
from providers.xbox.images import map_image
from providers.xbox.models import Title, TitleDetail

GAMERSCORE = "GAMERSCORE"
BOX_ART_TYPE = "BoxArt"


def map_gamerscore(value: int | None) -> AchievementPoints | None:
    """Map a number of points; None for an unknown one."""
    return None if value is None else AchievementPoints(value=value, unit=GAMERSCORE)


def map_info(row: Title) -> TitleInfo | None:
    """Map the description of a game; None where all of it is unknown."""
    detail = row.detail or TitleDetail()
    covers = (map_image(each.url) for each in row.images or () if each.type == BOX_ART_TYPE)
    info = TitleInfo(
        publisher=truncate(detail.publisher_name, MAX_NAME_LENGTH),
        developer=truncate(detail.developer_name, MAX_NAME_LENGTH),
        genre=truncate(", ".join(detail.genres or ()), MAX_NAME_LENGTH),
        released_at=parse_time(detail.release_date),
        box_art=next((each for each in covers if each is not None), None),
    )
    return None if info == TitleInfo() else info
