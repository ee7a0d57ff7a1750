"""redis-py is needed for a Redis alone, and its lack is said in one line."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from providers.kit.shared.redis_client import BAD_URL, NOT_INSTALLED, create_client
from tests.server.runtime.forked_process import RunningProcess, Stream
from tests.server.runtime.server_process import ask, build_environment, run_command, start_process

WITHOUT_REDIS = """
import sys
sys.modules["redis"] = None
from server.__main__ import main
sys.exit(main())
"""


def start_without_redis(
    arguments: Sequence[str], given: Mapping[str, str], folder: Path, streams: Sequence[Stream]
) -> RunningProcess:
    """Start a command in an installation without the extra."""
    stdin, stdout, stderr = streams
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", WITHOUT_REDIS, *arguments],
        cwd=folder,
        env=given,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
    )


@pytest.mark.parametrize("url", ["redis://host:port", "redis://host:6379/x?db=y", "http://host"])
def test_a_bad_url_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ValueError, match="must be") as raised:
        create_client(url)

    assert str(raised.value) == BAD_URL


def test_the_extra_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)

    with pytest.raises(ValueError, match="extra") as raised:
        create_client("redis://localhost")
    assert str(raised.value) == NOT_INSTALLED


@pytest.mark.slow
def test_a_server_without_the_extra_serves() -> None:
    with start_process("--sandbox", start=start_without_redis) as process:
        assert ask(process.address, "{ __typename }", trust_env=False).json()["data"]


@pytest.mark.slow
def test_a_server_without_the_extra_does_not_start_for_a_redis() -> None:
    given = build_environment(TROPHYCASE_CACHE_URL="redis://127.0.0.1:1")
    ran = run_command(given, "--sandbox", start=start_without_redis)

    assert (ran.exit_code, ran.output) == (2, "")
    assert ran.errors == f"trophycase: TROPHYCASE_CACHE_URL: {NOT_INSTALLED}\n"
