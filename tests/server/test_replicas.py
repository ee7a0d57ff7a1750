"""Several servers with one Redis or one file make the calls of one."""

import asyncio
import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from providers.kit.sandbox import InjectedFault
from providers.kit.shared.durable_records import DurableRecords
from providers.kit.shared.file import connection, database
from providers.kit.shared.record_backend import LogKind, RecordKind
from providers.psn.sandbox import constants
from providers.psn.sandbox.app import PsnSandbox
from providers.registry import Source
from tests.benchmarks.replicas import Fleet, FleetCost, measure_fleet
from tests.providers.kit.redis_server import RedisServer, run_redis_server
from tests.providers.kit.shared_backends import shared_backends
from tests.providers.kit.simulated_processes import open_stores
from tests.schema.psn_queries import build_mutation

pytestmark = pytest.mark.slow

SCALING = Path(__file__).parents[2] / "docs" / "scaling.md"

CREDENTIAL = {
    "x-client-id": constants.CLIENT_ID,
    "x-client-secret": constants.CLIENT_SECRET,
    "x-npsso": constants.OWNER_NPSSO,
}
NO_CACHE = {"Cache-Control": "no-cache"}
SEND_MUTATION = build_mutation("sendPsnMessage", "messageUid createdAt threadId")
SUMMARY_QUERY = "{ viewer { accounts { ... on PsnAccount { trophySummary { level } } } } }"
BUDGET_QUERY = "{ sources { budget { limit remaining resetsAt } } }"


def measure(
    servers: int, redis: RedisServer | None, folder: Path
) -> tuple[FleetCost, FleetCost, FleetCost]:
    return asyncio.run(measure_fleet(servers, redis, str(folder), request_count=10))


@pytest.mark.parametrize("servers", [2, 5])
def test_many_servers_on_one_redis_make_the_calls_of_one(servers: int, tmp_path: Path) -> None:
    alone, _, _ = measure(1, None, tmp_path / "alone")
    with run_redis_server() as redis:
        together, again, _ = measure(servers, redis, tmp_path / "together")
    assert together.calls == alone.calls > 0
    assert again.calls == 0


@pytest.mark.parametrize("servers", [2, 5])
def test_many_servers_on_one_file_make_the_calls_of_one(
    servers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # All servers share one process here, so each waits for the others as no real one does.
    monkeypatch.setattr(database, "BUSY_MILLISECONDS", 10_000)
    monkeypatch.setattr(connection, "TIMEOUT_SECONDS", 10.0)
    alone, _, _ = measure(1, None, tmp_path / "alone")
    fleet = measure_fleet(servers, None, str(tmp_path / "file"), request_count=10, on_file=True)
    together, again, newcomer = asyncio.run(fleet)
    assert together.calls == alone.calls > 0
    assert again.calls == newcomer.calls == 0


def test_a_value_in_memory_needs_no_redis_command(tmp_path: Path) -> None:
    with run_redis_server() as redis:
        _, again, _ = measure(1, redis, tmp_path / "one")
    assert again == FleetCost(calls=0, commands=0)


def test_a_new_server_reads_what_the_others_cached(tmp_path: Path) -> None:
    with run_redis_server() as redis:
        _, _, newcomer = measure(2, redis, tmp_path / "two")
    assert newcomer.calls == 0
    assert newcomer.commands > 0


def test_the_documented_redis_permissions_are_enough(tmp_path: Path) -> None:
    (line,) = (line for line in SCALING.read_text().splitlines() if "The user needs: " in line)
    commands = set(re.findall(r"\b[A-Z]{3,}\b", line.partition("The user needs: ")[2]))

    async def scenario(fleet: Fleet) -> tuple[FleetCost, Any, Any]:
        async with fleet.start_server() as one, fleet.start_server() as two:
            cost = await fleet.measure_cost([one, two], 2)
            fleet.upstreams.add_fault(
                InjectedFault("trophySummary", status=429, headers={"Retry-After": "600"})
            )
            await one.post("/graphql", json={"query": SUMMARY_QUERY})
            paused = (await two.post("/graphql", json={"query": SUMMARY_QUERY})).json()
            return cost, paused, (await two.post("/graphql", json={"query": BUDGET_QUERY})).json()

    async def use_records(url: str) -> list[bytes]:
        kind, log = RecordKind("kind", 60, max_per_owner=1), LogKind("log", 60, max_entries=1)
        async with open_stores(url, 1) as (store,):
            records = DurableRecords(store)
            for key in ("a-key", "another-key"):
                await records.set_if_absent(kind, "an-owner", key, b"begun")
                await records.set(kind, "an-owner", key, b"done")
                await records.append(log, "an-owner", key.encode())
            await records.delete(kind, "an-owner", "another-key")
            return [entry.content for entry in await records.read_after(log, "an-owner", 0)]

    with run_redis_server() as redis:
        redis.restrict("trophycase:", sorted(commands))
        cost, paused, budget = asyncio.run(scenario(Fleet(str(tmp_path), redis)))
        assert asyncio.run(use_records(redis.url)) == [b"another-key"]
        assert b"context" not in redis.read_acl_log()
    assert cost.commands > 0
    assert paused["errors"][0]["extensions"]["code"] == "UPSTREAM_RATE_LIMITED"
    assert paused["extensions"]["upstream"]["calls"] == {}
    assert len(budget["data"]["sources"]) == len(Source)


@contextmanager
def open_fleet(backend: str, folder: Path) -> Generator[tuple[Fleet, dict[str, str]]]:
    """Open a fleet on one Redis or one file; yield it and the settings of its servers."""
    if backend == "file":
        yield Fleet(str(folder), None), {"TROPHYCASE_CACHE_URL": "sqlite://"}
        return
    with run_redis_server() as redis:
        yield Fleet(str(folder), redis), {}


@shared_backends
def test_a_mutation_is_performed_once_by_all_servers_and_over_a_restart(
    backend: str, tmp_path: Path
) -> None:
    """Holds for twenty concurrent requests with one key at two servers, and for a third later."""
    message = {"groupId": constants.DIRECT_GROUP_ID, "body": "once", "idempotencyKey": "a-key"}
    request = {"query": SEND_MUTATION, "variables": {"input": message}}

    async def send(server: httpx.AsyncClient) -> Any:
        return (await server.post("/graphql", json=request, headers=CREDENTIAL)).json()["data"]

    async def scenario(fleet: Fleet, settings: dict[str, str]) -> None:
        async with fleet.start_server(**settings) as one, fleet.start_server(**settings) as two:
            answers = await asyncio.gather(*(send(each) for each in [one, two] * 10))
        async with fleet.start_server(**settings) as later:
            answers.append(await send(later))
        assert answers == [answers[0]] * 21
        assert answers[0]["sendPsnMessage"]["messageUid"]

    with open_fleet(backend, tmp_path) as (fleet, settings):
        asyncio.run(scenario(fleet, settings))
    psn = cast("PsnSandbox", fleet.upstreams.sandboxes[Source.PSN])
    assert len([each for each in psn.log if each.url.path.endswith("/messages")]) == 1


@shared_backends
def test_servers_spend_one_window_together_and_over_a_restart(backend: str, tmp_path: Path) -> None:
    async def send(server: httpx.AsyncClient, query: str) -> Any:
        response = await server.post("/graphql", json={"query": query}, headers=NO_CACHE)
        return response.json()["data"]

    async def scenario(fleet: Fleet, settings: dict[str, str]) -> None:
        settings = {**settings, "PSN_RATE": "7/900"}
        async with fleet.start_server(**settings) as one, fleet.start_server(**settings) as two:
            for turn in range(12):
                await send((one, two)[turn % 2], SUMMARY_QUERY)
        assert fleet.read_cost().calls == 7
        async with fleet.start_server(**settings) as later:
            await send(later, SUMMARY_QUERY)
            budgets = [source["budget"] for source in (await send(later, BUDGET_QUERY))["sources"]]
        assert [each["remaining"] for each in budgets if each and each["limit"] == 7] == [0]
        assert fleet.read_cost().calls == 7

    with open_fleet(backend, tmp_path) as (fleet, settings):
        asyncio.run(scenario(fleet, settings))
