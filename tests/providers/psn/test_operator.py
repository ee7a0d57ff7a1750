"""The operator's client stays with one person, and another person gets another client."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from providers.psn.client import PsnClient
from providers.psn.sandbox.app import PsnSandbox, create_sandbox
from providers.psn.sandbox.constants import (
    OWNER_ACCOUNT_ID,
    OWNER_NPSSO,
    SECOND_ACCOUNT_ID,
    SECOND_NPSSO,
)
from providers.psn.service import PsnService
from tests.providers.psn.harness import TOKEN, open_service, unwrap

TOKEN_FILE = "psn.json"


@dataclass(frozen=True)
class RunningService:
    """A running service, and the state directory in which others sign in."""

    service: PsnService
    sandbox: PsnSandbox
    folder: Path

    @property
    def client(self) -> PsnClient:
        client = self.service.get_operator_client()
        assert client is not None
        return client

    async def sign_in(self, npsso: str) -> None:
        """Sign in as `psn login` does, in another process."""
        await sign_in(self.sandbox, self.folder, npsso)


async def sign_in(sandbox: PsnSandbox, folder: Path, npsso: str) -> None:
    settings = {"PSN_NPSSO": "", "TROPHYCASE_STATE_DIR": str(folder)}
    async with open_service(sandbox, **settings) as service:
        client = service.get_operator_client()
        assert client is not None
        await client.sign_in_with(npsso)


@asynccontextmanager
async def open_running_service(folder: Path) -> AsyncGenerator[RunningService]:
    """Open a service whose operator has signed in as the sandbox's owner."""
    sandbox = create_sandbox()
    await sign_in(sandbox, folder, OWNER_NPSSO)
    settings = {"PSN_NPSSO": "", "TROPHYCASE_STATE_DIR": str(folder)}
    async with open_service(sandbox, **settings) as service:
        yield RunningService(service, sandbox, folder)


def read_file(folder: Path) -> dict[str, Any]:
    return json.loads((folder / TOKEN_FILE).read_bytes())


def test_after_another_sign_in_nothing_of_the_first_person_is_shown(tmp_path: Path) -> None:
    """Holds that a running server becomes another person as a whole, whatever it has cached."""

    async def scenario() -> None:
        async with open_running_service(tmp_path) as running:
            first = running.client
            assert await first.get_account_id("me") == OWNER_ACCOUNT_ID
            first_groups = unwrap((await first.get_message_groups([0]))[0])
            await running.sign_in(SECOND_NPSSO)
            second = running.client
            assert second.scope != first.scope
            assert await second.get_account_id("me") == SECOND_ACCOUNT_ID
            second_groups = unwrap((await second.get_message_groups([0]))[0])
            assert second_groups != first_groups
            assert running.client is second

    asyncio.run(scenario())


def test_a_running_client_goes_on_as_the_first_person(tmp_path: Path) -> None:
    """Holds that one answer never has two people in it, though its tokens are renewed meanwhile."""

    async def scenario() -> None:
        async with open_running_service(tmp_path) as running:
            first = running.client
            await first.get_account_id("me")
            await running.sign_in(SECOND_NPSSO)
            stored = read_file(tmp_path)
            running.sandbox.expire_access_tokens()
            await first.verify()
            assert await first.get_account_id("me") == OWNER_ACCOUNT_ID
            assert read_file(tmp_path) == stored
            running.sandbox.expire_access_tokens()
            assert await running.client.get_account_id("me") == SECOND_ACCOUNT_ID

    asyncio.run(scenario())


def test_renewed_tokens_keep_the_sign_in_and_its_client(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with open_running_service(tmp_path) as running:
            first, before = running.client, read_file(tmp_path)
            await first.get_account_id("me")
            running.sandbox.expire_access_tokens()
            await first.verify()
            after = read_file(tmp_path)
            assert after["tokens"] != before["tokens"]
            assert after["sign_in_id"] == before["sign_in_id"]
            assert running.client is first

    asyncio.run(scenario())


def test_a_sign_in_that_was_stored_without_an_id_is_used(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with open_running_service(tmp_path) as running:
            stored = read_file(tmp_path)
            del stored["sign_in_id"]
            (tmp_path / TOKEN_FILE).write_text(json.dumps(stored))
            calls = running.sandbox.calls[TOKEN]
            assert await running.client.get_account_id("me") == OWNER_ACCOUNT_ID
            assert running.sandbox.calls[TOKEN] == calls
            running.sandbox.expire_access_tokens()
            await running.client.verify()
            assert read_file(tmp_path)["tokens"] != stored["tokens"]

    asyncio.run(scenario())


def test_a_file_that_others_can_write_does_not_replace_a_running_client(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        async with open_running_service(tmp_path) as running:
            first = running.client
            await running.sign_in(SECOND_NPSSO)
            (tmp_path / TOKEN_FILE).chmod(0o666)
            assert running.client is first
            assert await first.get_account_id("me") == OWNER_ACCOUNT_ID

    asyncio.run(scenario())
    assert "can be written by others" in caplog.text
