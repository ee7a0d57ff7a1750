"""Several servers on one Redis and one network behave as one."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from providers.kit.sandbox import Fault
from tests.benchmarks.replicas import Cost, Fleet, costs
from tests.providers.kit.redis_server import RedisServer, redis_server

SCALING = Path(__file__).parents[2] / "docs" / "scaling.md"

SUMMARY = "{ viewer { accounts { ... on PsnAccount { trophySummary { level } } } } }"
BUDGET = "{ sources { budget { limit remaining resetsAt } } }"


def found(servers: int, redis: RedisServer | None, folder: Path) -> tuple[Cost, Cost, Cost]:
    return asyncio.run(costs(servers, redis, str(folder)))


@pytest.mark.parametrize("servers", [2, 5])
def test_many_servers_on_one_redis_make_the_calls_of_one(servers: int, tmp_path: Path) -> None:
    alone, _, _ = found(1, None, tmp_path / "alone")
    with redis_server() as redis:
        together, again, _ = found(servers, redis, tmp_path / "together")
    assert together.calls == alone.calls > 0
    assert again.calls == 0


def test_what_a_server_remembers_is_not_asked_of_redis(tmp_path: Path) -> None:
    with redis_server() as redis:
        _, again, _ = found(1, redis, tmp_path / "one")
    assert again == Cost(calls=0, commands=0)


def test_a_new_server_finds_what_the_others_know(tmp_path: Path) -> None:
    with redis_server() as redis:
        _, _, newcomer = found(2, redis, tmp_path / "two")
    assert newcomer.calls == 0
    assert newcomer.commands > 0


def test_the_rights_that_are_documented_are_enough(tmp_path: Path) -> None:
    (line,) = (line for line in SCALING.read_text().splitlines() if "Needed: " in line)
    commands = set(re.findall(r"\b[A-Z]{3,}\b", line.partition("Needed: ")[2]))

    async def course(fleet: Fleet) -> tuple[Cost, Any, Any]:
        async with fleet.server() as one, fleet.server() as two:
            cost = await fleet.cost_of([one, two], 2)
            fleet.network.fault(Fault("trophySummary", status=429, headers={"Retry-After": "60"}))
            await one.post("/graphql", json={"query": SUMMARY})
            paused = (await two.post("/graphql", json={"query": SUMMARY})).json()
            return cost, paused, (await two.post("/graphql", json={"query": BUDGET})).json()

    with redis_server() as redis:
        redis.restrict("trophycase:", sorted(commands))
        cost, paused, budget = asyncio.run(course(Fleet(str(tmp_path), redis)))
        assert b"context" not in redis.refusals()
    assert cost.commands > 0
    assert paused["errors"][0]["extensions"]["code"] == "UPSTREAM_RATE_LIMITED"
    assert paused["extensions"]["upstream"]["calls"] == {}
    assert len(budget["data"]["sources"]) == 3
