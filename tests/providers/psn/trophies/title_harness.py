"""Loads title lists over the sandbox."""

from providers.capabilities import TitlePageKey
from providers.psn.client import PsnClient
from providers.records import Title, TitlePage
from tests.providers.psn.harness import unwrap


async def load_own_titles(client: PsnClient) -> TitlePage:
    return unwrap((await client.get_titles([TitlePageKey("me")]))[0])


def find_title(page: TitlePage, native_id: str) -> Title:
    return next(title for title in page.titles if title.native_id == native_id)
