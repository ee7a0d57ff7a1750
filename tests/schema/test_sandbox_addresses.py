"""A served sandbox leads to no other site."""

import pytest

from schema.sandbox_addresses import build_sandbox_address

OWN = "http://127.0.0.1:8000"


@pytest.mark.parametrize("path", ["/sandbox/images/a.svg", "/psn/groups/1/resources/2"])
def test_own_addresses_stay_as_they_are(path: str) -> None:
    assert build_sandbox_address(f"{OWN}{path}", OWN) == f"{OWN}{path}"


def test_an_address_that_only_begins_like_this_servers_is_replaced() -> None:
    found = build_sandbox_address(f"{OWN}0/a.png", OWN)

    assert found.startswith(f"{OWN}/sandbox/images/")


def test_a_locked_achievement_has_the_picture_of_the_earned_one() -> None:
    earned = build_sandbox_address("https://media.example/Badge/1.png", OWN)
    locked = build_sandbox_address("https://media.example/Badge/1_lock.png", OWN)
    other = build_sandbox_address("https://media.example/Badge/2.png", OWN)

    assert earned == locked
    assert earned != other
