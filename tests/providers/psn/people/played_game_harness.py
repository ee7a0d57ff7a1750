"""Loads played games over the sandbox."""

from providers.capabilities import HasPlayedGames, PageKey
from providers.errors import ProviderError
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import PsnSandbox
from providers.psn_records import PsnPlayedGamePage
from tests.providers.psn.harness import run_with_client


def load_games(
    *keys: PageKey, sandbox: PsnSandbox | None = None, language: str | None = None
) -> list[PsnPlayedGamePage | ProviderError]:
    async def scenario(client: PsnClient) -> list[PsnPlayedGamePage | ProviderError]:
        assert isinstance(client, HasPlayedGames)
        found = await client.get_played_games(keys)
        return [
            outcome if isinstance(outcome, ProviderError) else outcome.value for outcome in found
        ]

    return run_with_client(scenario, sandbox, language=language)
