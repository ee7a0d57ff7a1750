"""Loads the contents of titles over the sandbox."""

from collections.abc import Mapping

from providers.capabilities import ContentsKey, TitlePageKey
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import PsnSandbox
from providers.records import Achievement, Contents, Part, Title
from tests.providers.psn.harness import TROPHY, make_title, run_with_client, unwrap

ALL_PARTS = Part(sum(part.value for part in Part))

# The calls for NPWR00001_00.
DEFINED_GROUPS = f"{TROPHY}/npCommunicationIds/NPWR00001_00/trophyGroups"
DEFINITIONS = f"{DEFINED_GROUPS}/all/trophies"
EARNED_GROUPS = f"{TROPHY}/users/me/npCommunicationIds/NPWR00001_00/trophyGroups"
EARNED = f"{EARNED_GROUPS}/all/trophies"


async def find_listed_title(client: PsnClient, native_id: str, handle: str = "me") -> Title:
    page = unwrap((await client.get_titles([TitlePageKey(handle)]))[0])
    return next(title for title in page.titles if title.native_id == native_id)


async def load_contents(
    client: PsnClient, title: Title, parts: Part, handle: str | None = "me"
) -> Contents:
    return unwrap((await client.get_contents([ContentsKey(handle, title, parts)]))[0])


def load_contents_by_id(
    native_id: str,
    parts: Part,
    sandbox: PsnSandbox | None = None,
    handle: str | None = "me",
    **fields: str,
) -> Contents:
    """Load the contents of a title of which only these fields are known."""

    async def scenario(client: PsnClient) -> Contents:
        return await load_contents(client, make_title(native_id, **fields), parts, handle)

    return run_with_client(scenario, sandbox)


def index_trophies(contents: Contents) -> Mapping[str, Achievement]:
    """Return the trophies by their ids."""
    assert contents.achievements is not None
    return {trophy.native_id: trophy for trophy in contents.achievements}
