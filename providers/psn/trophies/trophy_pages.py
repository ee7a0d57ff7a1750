"""Loads all trophies of a title, page by page."""

from providers.psn import errors
from providers.psn.api import PsnApi
from providers.psn.paging import get_following_offset
from providers.psn.trophies.models import TrophiesResponse

MAX_PAGES = 50


async def load_trophy_pages(
    api: PsnApi, url: str, service: str, rules: errors.ErrorRules
) -> list[TrophiesResponse]:
    """Load the pages of a title's trophies, at most 50.

    Without a `limit` PSN sends all trophies at once; a `nextOffset` is followed if there is one.
    """
    pages: list[TrophiesResponse] = []
    params, offset = {"npServiceName": service}, 0
    while len(pages) < MAX_PAGES:
        page = (await api.get(url, rules, params)).decode(TrophiesResponse)
        pages.append(page)
        next_offset = get_following_offset(page.next_offset, offset)
        if next_offset is None:
            break
        offset = next_offset
        params = {"npServiceName": service, "offset": str(offset)}
    return pages
