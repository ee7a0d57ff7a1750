"""The limits on connections leave file descriptors for everything else."""

import resource
from collections.abc import Callable, Iterator

import pytest

from server.descriptor_limits import (
    MAX_CONNECTIONS,
    MAX_LIVE_CONNECTIONS,
    WANTED_DESCRIPTORS,
    get_connection_limit,
    get_live_connection_limit,
    raise_descriptor_limit,
)

SetLimits = Callable[[int, int], None]


@pytest.fixture
def set_limits(monkeypatch: pytest.MonkeyPatch) -> Iterator[SetLimits]:
    """Return a function that sets what the system says of its limits."""

    def forget() -> None:
        get_connection_limit.cache_clear()
        get_live_connection_limit.cache_clear()

    def set_limits(soft: int, hard: int) -> None:
        def get_limits(_which: int) -> tuple[int, int]:
            return soft, hard

        monkeypatch.setattr(resource, "getrlimit", get_limits)
        forget()

    yield set_limits
    forget()


@pytest.mark.parametrize(
    ("descriptors", "expected", "expected_live"),
    [
        (128, 96, 48),
        (1024, 768, 384),
        (1_000_000, MAX_CONNECTIONS, MAX_LIVE_CONNECTIONS),
        (resource.RLIM_INFINITY, MAX_CONNECTIONS, MAX_LIVE_CONNECTIONS),
    ],
)
def test_the_connection_limits_leave_descriptors_for_everything_else(
    set_limits: SetLimits, descriptors: int, expected: int, expected_live: int
) -> None:
    set_limits(descriptors, descriptors)

    assert get_connection_limit() == expected
    assert get_live_connection_limit() == expected_live
    assert get_connection_limit(expected_live) + expected_live <= max(
        descriptors * 3 // 4, MAX_CONNECTIONS + MAX_LIVE_CONNECTIONS
    )


@pytest.mark.parametrize(
    ("soft", "hard", "expected"),
    [
        (1024, 1_000_000, [(WANTED_DESCRIPTORS, 1_000_000)]),
        (1024, 2048, [(2048, 2048)]),
        (1024, resource.RLIM_INFINITY, [(WANTED_DESCRIPTORS, resource.RLIM_INFINITY)]),
        (1024, 1024, []),
        (65_536, 65_536, []),
    ],
)
def test_the_limit_of_descriptors_is_raised_as_far_as_it_may_be(
    monkeypatch: pytest.MonkeyPatch,
    set_limits: SetLimits,
    soft: int,
    hard: int,
    expected: list[tuple[int, int]],
) -> None:
    found: list[tuple[int, int]] = []

    def set_limit(_which: int, limits: tuple[int, int]) -> None:
        found.append(limits)

    monkeypatch.setattr(resource, "setrlimit", set_limit)
    set_limits(soft, hard)

    raise_descriptor_limit()

    assert found == expected
