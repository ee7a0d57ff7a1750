"""Several servers on one Redis and one network behave as one."""

import asyncio
from pathlib import Path

import pytest

from tests.benchmarks.replicas import Cost, costs
from tests.providers.kit.redis_server import RedisServer, redis_server


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
