"""Earned state of accounts, and how long it is cached."""

from providers.psn.client import PsnClient
from providers.psn.sandbox.app import create_sandbox
from providers.records import Part
from tests.providers.psn.harness import count_calls, make_title, run_with_client
from tests.providers.psn.trophies.contents_harness import EARNED, EARNED_GROUPS, load_contents


def test_earned_trophies_are_loaded_again_only_when_the_title_has_changed() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> None:
        for version in ("1", "1", "2"):
            title = make_title("NPWR00001_00", service_name="trophy2", earned_version=version)
            await load_contents(client, title, Part.EARNED)
            await load_contents(client, title, Part.GROUP_PROGRESS)

    run_with_client(scenario, sandbox)
    assert count_calls(sandbox) == {EARNED: 2, EARNED_GROUPS: 2}
