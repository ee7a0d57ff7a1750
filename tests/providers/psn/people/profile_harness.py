"""Loads profiles over the sandbox."""

from providers.errors import ProviderError
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import PsnSandbox
from providers.psn_records import PsnProfile
from tests.providers.psn.harness import run_with_client


def load_profiles(
    *handles: str, sandbox: PsnSandbox | None = None
) -> list[PsnProfile | ProviderError]:
    async def scenario(client: PsnClient) -> list[PsnProfile | ProviderError]:
        found = await client.get_profiles(handles)
        return [
            outcome if isinstance(outcome, ProviderError) else outcome.value for outcome in found
        ]

    return run_with_client(scenario, sandbox)


def load_profile(handle: str, sandbox: PsnSandbox | None = None) -> PsnProfile:
    (found,) = load_profiles(handle, sandbox=sandbox)
    assert isinstance(found, PsnProfile), found
    return found
