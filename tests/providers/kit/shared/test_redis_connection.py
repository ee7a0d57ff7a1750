"""The connection to Redis: scripts are sent once, and again if Redis has lost them."""

from collections.abc import Awaitable, Callable

import pytest

from providers.kit.shared.redis_connection import RedisConnection, RedisUnavailable
from tests.providers.kit.redis_server import RedisServer, run_redis_server
from tests.providers.kit.simulated_processes import run_scenario, wait_until

ADD = "return redis.call('INCRBY', KEYS[1], ARGV[1])"
APPEND = "return redis.call('RPUSH', KEYS[1], ARGV[1])"


def run_with_connection(
    scenario: Callable[[RedisServer, RedisConnection], Awaitable[None]],
) -> None:
    with run_redis_server() as redis:

        async def run() -> None:
            connection = RedisConnection(redis.url)
            await scenario(redis, connection)
            await connection.aclose()

        run_scenario(run)


def test_a_script_is_sent_once_and_then_called_by_its_hash() -> None:
    async def scenario(redis: RedisServer, connection: RedisConnection) -> None:
        found = [await connection.execute("EVAL", ADD, 1, "a-key", 2) for _ in range(5)]
        assert found == [2, 4, 6, 8, 10]
        assert (redis.count_calls("eval"), redis.count_calls("evalsha")) == (1, 4)

    run_with_connection(scenario)


def test_a_script_that_redis_has_lost_is_sent_again_in_its_batch() -> None:
    async def scenario(_: RedisServer, connection: RedisConnection) -> None:
        for script, key in ((ADD, "a-key"), (APPEND, "a-list")):
            await connection.execute("EVAL", script, 1, key, 1)
        await connection.execute("SCRIPT", "FLUSH")
        replies = await connection.execute_all(
            ("EVAL", APPEND, 1, "a-list", 2),
            ("GET", "a-key"),
            ("EVAL", ADD, 1, "a-key", 5),
            ("EVAL", APPEND, 1, "a-list", 3),
            ("EVAL", ADD, 1, "a-list", 1),  # of another type
        )
        assert replies == [2, b"1", 6, 3, None]
        assert await connection.execute("LRANGE", "a-list", 0, -1) == [b"1", b"2", b"3"]
        assert not connection.is_unavailable

    run_with_connection(scenario)


def test_a_restarted_redis_is_sent_the_scripts_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("providers.kit.shared.redis_connection.RECONNECT_SECONDS", 0.05)

    async def scenario(redis: RedisServer, connection: RedisConnection) -> None:
        await connection.execute("EVAL", ADD, 1, "a-key", 1)
        redis.kill()
        with pytest.raises(RedisUnavailable):
            await connection.execute("EVAL", ADD, 1, "a-key", 1)
        redis.start()
        await wait_until(lambda: not connection.is_unavailable)
        assert [await connection.execute("EVAL", ADD, 1, "a-key", 1) for _ in range(2)] == [1, 2]
        assert redis.count_calls("evalsha") == 1

    run_with_connection(scenario)
