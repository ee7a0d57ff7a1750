"""Contents that are built from several results."""

from providers.capabilities import ContentsKey
from providers.errors import ProviderError
from providers.psn.client import PsnClient
from providers.records import Part
from tests.providers.psn.harness import make_title, run_with_client
from tests.providers.psn.trophies.contents_harness import ALL_PARTS, load_contents_by_id


def test_the_title_merges_known_and_loaded_fields() -> None:
    found = load_contents_by_id("NPWR00002_00", Part.TITLE, None, None, set_version="01.01")
    assert found.title is not None
    assert (found.title.name, found.title.service_name) == ("Sample Quest", "trophy")
    assert (found.title.platforms, found.title.progress) == (("PS4",), None)
    assert (found.groups, found.achievements) == (None, None)


def test_contents_are_as_old_as_their_oldest_part() -> None:
    async def scenario(client: PsnClient) -> bool:
        title = make_title("NPWR00001_00", service_name="trophy2")
        first = (await client.get_contents([ContentsKey(None, title, Part.GROUPS)]))[0]
        whole = (await client.get_contents([ContentsKey("me", title, ALL_PARTS)]))[0]
        assert not isinstance(first, ProviderError)
        assert not isinstance(whole, ProviderError)
        return whole.fetched_at <= first.fetched_at

    assert run_with_client(scenario)
