"""Stored tokens: in a file of the operator, and in Redis for all machines of a server."""

import asyncio
import stat
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest

from providers.kit.sandbox import InjectedFault
from providers.kit.upstream.upstream_client import SharedServices
from providers.psn import Psn
from providers.psn.auth.token_store import SharedTokens, Tokens
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import SANDBOX_SETTINGS, PsnSandbox, create_sandbox
from providers.psn.sandbox.constants import (
    CLIENT_ID,
    CLIENT_SECRET,
    OWNER_ACCOUNT_ID,
    OWNER_NPSSO,
    SECOND_ACCOUNT_ID,
    SECOND_NPSSO,
)
from providers.psn.service import PsnService
from tests.providers.kit.redis_server import RedisServer, run_redis_server
from tests.providers.kit.simulated_processes import open_stores, run_scenario, start_request
from tests.providers.psn.auth.sign_in_harness import load_own_id
from tests.providers.psn.harness import TOKEN, run_with_client

CALLER = {"x-client-id": CLIENT_ID, "x-client-secret": CLIENT_SECRET, "x-npsso": SECOND_NPSSO}
TOKENS = Tokens(access="access", expires_at=2e9, lifetime=3600, refresh="refresh")


@pytest.fixture
def redis() -> Generator[RedisServer]:
    with run_redis_server() as running_server:
        yield running_server


@asynccontextmanager
async def open_machines(
    redis: RedisServer, sandbox: PsnSandbox, **settings: str
) -> AsyncGenerator[list[PsnService]]:
    """Open the service on two machines that share Redis and no directory."""
    source = Psn()
    all_settings = {**source.settings, "PSN_RATE": "", **SANDBOX_SETTINGS, **settings}
    async with AsyncExitStack() as stack:
        stores = await stack.enter_async_context(open_stores(redis.url))
        transport = httpx.MockTransport(sandbox.handle_request)
        await stack.enter_async_context(transport)
        yield [
            source.create_service(SharedServices(transport, shared_store=store), all_settings)
            for store in stores
        ]


def get_client(service: PsnService, caller: Mapping[str, str] | None) -> PsnClient:
    client = (
        service.get_operator_client() if caller is None else service.create_caller_client(caller)
    )
    assert client is not None
    return client


async def load_own_ids(services: list[PsnService], caller: Mapping[str, str] | None) -> list[str]:
    """Load the account id on every machine at once."""
    clients = [get_client(service, caller) for service in services]
    tasks = [start_request(lambda client=client: client.get_account_id("me")) for client in clients]
    return [account_id for account_id, _ in await asyncio.gather(*tasks)]


@pytest.mark.parametrize(
    ("caller", "account_id"), [(None, OWNER_ACCOUNT_ID), (CALLER, SECOND_ACCOUNT_ID)]
)
def test_two_machines_sign_in_once_and_renew_once(
    redis: RedisServer, caller: Mapping[str, str] | None, account_id: str
) -> None:
    sandbox = create_sandbox()

    async def scenario() -> None:
        async with open_machines(redis, sandbox) as services:
            assert await load_own_ids(services, caller) == [account_id] * 2
            assert sandbox.calls[TOKEN] == 1
            sandbox.expire_access_tokens()
            for service in services:
                client = get_client(service, caller)
                assert await client.sign_in.renew(await client.sign_in.build_headers())
            assert sandbox.calls[TOKEN] == 2
            assert await load_own_ids(services, caller) == [account_id] * 2

    run_scenario(scenario)
    assert b"sandbox-access" not in redis.dump_all()
    assert b"sandbox-refresh" not in redis.dump_all()


def test_without_an_npsso_no_token_is_stored_in_redis(redis: RedisServer) -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(InjectedFault("ssocookie", 200, {"npsso": SECOND_NPSSO}))

    async def scenario() -> None:
        async with open_machines(redis, sandbox, PSN_NPSSO="") as services:
            await load_own_ids(services, None)
            assert sandbox.calls[TOKEN] == 2

    run_scenario(scenario)


def test_stored_tokens_decrypt_only_with_their_npsso(redis: RedisServer) -> None:
    async def scenario() -> None:
        async with open_stores(redis.url) as stores:
            await SharedTokens(stores[0], "scope", "a" * 64).save(TOKENS, 60)
            assert await SharedTokens(stores[1], "scope", "a" * 64).load() == TOKENS
            assert await SharedTokens(stores[1], "scope", "b" * 64).load() is None
            assert await SharedTokens(stores[1], "other", "a" * 64).load() is None

    run_scenario(scenario)


def test_without_redis_each_machine_signs_in() -> None:
    sandbox = create_sandbox()

    async def scenario() -> None:
        with run_redis_server() as redis:
            async with open_machines(redis, sandbox) as services:
                redis.kill()
                assert await load_own_ids(services, None) == [OWNER_ACCOUNT_ID] * 2
                assert sandbox.calls[TOKEN] == 2

    run_scenario(scenario)


def test_the_token_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "state"
    run_with_client(load_own_id, TROPHYCASE_STATE_DIR=str(folder))
    file = folder / "psn.json"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["psn.json"]
    assert OWNER_NPSSO not in file.read_text()


def test_a_folder_that_exists_keeps_its_permissions(tmp_path: Path) -> None:
    """A folder of the system stays open to others when it is configured as ours."""
    tmp_path.chmod(0o755)
    run_with_client(load_own_id, TROPHYCASE_STATE_DIR=str(tmp_path))
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    assert stat.S_IMODE((tmp_path / "psn.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("place", ["", "psn.json"])
def test_a_sign_in_that_others_can_write_prevents_the_start(tmp_path: Path, place: str) -> None:
    """Other users cannot choose the account that the operator signs in to."""
    run_with_client(load_own_id, TROPHYCASE_STATE_DIR=str(tmp_path))
    (tmp_path / place).chmod(0o777)
    with pytest.raises(ValueError, match=r"^TROPHYCASE_STATE_DIR: .* can be written by others$"):
        run_with_client(load_own_id, TROPHYCASE_STATE_DIR=str(tmp_path))


def test_tokens_of_other_settings_are_not_used(tmp_path: Path) -> None:
    sandbox, folder = create_sandbox(), str(tmp_path)
    run_with_client(load_own_id, sandbox, TROPHYCASE_STATE_DIR=folder)
    other = run_with_client(
        load_own_id, sandbox, TROPHYCASE_STATE_DIR=folder, PSN_NPSSO=SECOND_NPSSO
    )
    assert other == SECOND_ACCOUNT_ID


def sign_in_and_count_calls(sandbox: PsnSandbox, folder: Path, npsso: str) -> tuple[str, int]:
    """Start anew over a state directory; return the account and the number of token requests."""
    sandbox.calls.clear()
    account_id = run_with_client(
        load_own_id, sandbox, TROPHYCASE_STATE_DIR=str(folder), PSN_NPSSO=npsso
    )
    return account_id, sandbox.calls[TOKEN]


def test_without_an_npsso_the_stored_sign_in_is_used_whatever_npsso_it_came_from(
    tmp_path: Path,
) -> None:
    sandbox = create_sandbox()
    for npsso, account_id in ((OWNER_NPSSO, OWNER_ACCOUNT_ID), (SECOND_NPSSO, SECOND_ACCOUNT_ID)):
        first = sign_in_and_count_calls(sandbox, tmp_path, npsso=npsso)
        assert first == (account_id, 1)
        assert sign_in_and_count_calls(sandbox, tmp_path, npsso="") == (account_id, 0)
        sandbox.expire_access_tokens()
        assert sign_in_and_count_calls(sandbox, tmp_path, npsso="") == (account_id, 1)


def test_a_renewed_sign_in_still_belongs_to_its_npsso(tmp_path: Path) -> None:
    sandbox = create_sandbox()
    sign_in_and_count_calls(sandbox, tmp_path, npsso=OWNER_NPSSO)
    sandbox.expire_access_tokens()
    sign_in_and_count_calls(sandbox, tmp_path, npsso="")

    renewed = sign_in_and_count_calls(sandbox, tmp_path, npsso=OWNER_NPSSO)
    other = sign_in_and_count_calls(sandbox, tmp_path, npsso=SECOND_NPSSO)

    assert renewed == (OWNER_ACCOUNT_ID, 0)
    assert other == (SECOND_ACCOUNT_ID, 1)


def test_a_login_counts_for_its_npsso_and_without_any(tmp_path: Path) -> None:
    sandbox, folder = create_sandbox(), str(tmp_path)

    async def login(client: PsnClient) -> None:
        await client.sign_in_with(SECOND_NPSSO)

    run_with_client(login, sandbox, PSN_NPSSO=OWNER_NPSSO, TROPHYCASE_STATE_DIR=folder)

    for npsso in ("", SECOND_NPSSO):
        found = sign_in_and_count_calls(sandbox, tmp_path, npsso=npsso)
        assert found == (SECOND_ACCOUNT_ID, 0)
    found = sign_in_and_count_calls(sandbox, tmp_path, npsso=OWNER_NPSSO)
    assert found == (OWNER_ACCOUNT_ID, 1)


def test_a_sign_in_of_another_client_is_not_used(tmp_path: Path) -> None:
    sandbox, folder = create_sandbox(), str(tmp_path)
    run_with_client(load_own_id, sandbox, TROPHYCASE_STATE_DIR=folder)

    async def get_expiry(client: PsnClient) -> object:
        return client.get_health().credential_expires_at

    for npsso in ("", OWNER_NPSSO):
        expiry = run_with_client(
            get_expiry,
            sandbox,
            PSN_CLIENT_ID="another-client",
            PSN_NPSSO=npsso,
            TROPHYCASE_STATE_DIR=folder,
        )
        assert expiry is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"tokens": 1}', b"\xff"])
def test_an_invalid_token_file_is_ignored(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "psn.json").write_bytes(content)
    assert run_with_client(load_own_id, TROPHYCASE_STATE_DIR=str(tmp_path)) == OWNER_ACCOUNT_ID
