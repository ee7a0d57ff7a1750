"""A sign-in over the sandbox, with a clock that the test moves."""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from providers.errors import ProviderError
from providers.psn.auth.grants import Grants
from providers.psn.auth.sign_in import SignIn
from providers.psn.auth.token_endpoint import AuthorizationServer
from providers.psn.auth.token_source import TokenSource
from providers.psn.auth.token_store import TokenFile
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import PsnSandbox
from providers.psn.sandbox.constants import CLIENT_ID, CLIENT_SECRET, OWNER_NPSSO

WRONG_NPSSO = "x" * 64
CALLER = {"x-client-id": CLIENT_ID, "x-client-secret": CLIENT_SECRET, "x-npsso": WRONG_NPSSO}


async def load_own_id(client: PsnClient) -> str:
    return await client.get_account_id("me")


async def get_sign_in_error(client: PsnClient) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await client.get_account_id("me")
    return caught.value


class FakeClock:
    """A clock that moves only when a test sets `now`, in Unix seconds."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def open_sign_in(
    sandbox: PsnSandbox,
    clock: FakeClock,
    npsso: str | None = OWNER_NPSSO,
    folder: Path | None = None,
) -> AsyncGenerator[SignIn]:
    sandbox.state.clock = clock
    async with httpx.MockTransport(sandbox.handle_request) as transport:
        server = AuthorizationServer(transport, "https://ca.account.sony.com")
        grants = Grants(server, CLIENT_ID, CLIENT_SECRET, clock)
        token_file = TokenFile(folder, "digest") if folder else None
        yield SignIn(TokenSource(grants, npsso, token_file), is_caller=False, clock=clock)
