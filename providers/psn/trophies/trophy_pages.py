"""Loads all trophies of a title, page by page."""

from providers.kit.paging.offsets import compute_next_offset
from providers.kit.upstream.decode import build_unreadable_error, count_items
from providers.psn import errors
from providers.psn.api import PsnApi
from providers.psn.trophies.models import TrophiesResponse
from providers.psn.urls import SOURCE

MAX_PAGES = 50


async def load_trophies(
    api: PsnApi, url: str, service: str, rules: errors.ErrorRules
) -> TrophiesResponse:
    """Load the first page of a title's trophies, and add the rows of the others to it.

    Without a `limit` PSN sends all trophies at once; a `nextOffset` is followed if there is one.
    Raise `BadResponse` for more than 50 pages.
    """
    first_page = None
    params, offset = {"npServiceName": service}, 0
    for _ in range(MAX_PAGES):
        reply = await api.get(url, rules, params)
        page = reply.decode(TrophiesResponse)
        row_count = len(page.trophies)
        if first_page is None:
            first_page = page
        else:
            first_page.trophies += page.trophies
        if page.total is not None and offset + row_count < page.total:
            row_count = count_items(reply.json_text, "trophies")  # also those that are unreadable
        next_offset = compute_next_offset(offset, row_count, page.total, page.next_offset)
        if next_offset is None:
            return first_page
        offset = next_offset
        params = {"npServiceName": service, "offset": str(offset)}
    raise build_unreadable_error(SOURCE)
