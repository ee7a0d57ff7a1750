"""Rows of trophies as records."""

import pytest

from providers.kit.sandbox import InjectedFault
from providers.kit.upstream.decode import decode
from providers.psn.sandbox.app import create_sandbox
from providers.psn.trophies.models import TrophyRow
from providers.psn.trophies.trophy_mapping import map_definitions, map_states
from providers.records import Part, Rarity, RarityBand
from tests.providers.psn.harness import JSON
from tests.providers.psn.trophies.contents_harness import (
    ALL_PARTS,
    index_trophies,
    load_contents_by_id,
)


def test_a_secret_trophy_keeps_its_name() -> None:
    secret = index_trophies(load_contents_by_id("NPWR00001_00", ALL_PARTS))["2"]
    assert (secret.hidden, secret.name) == (True, "Nine Lanterns")


def test_a_reward_is_named_and_shown() -> None:
    reward = index_trophies(load_contents_by_id("NPWR00003_00", ALL_PARTS))["2"].reward
    assert reward is not None
    assert reward.name == "Yellow Raincoat"
    assert reward.image is not None


def test_what_many_trophies_have_alike_is_in_memory_once() -> None:
    text = b"""{"trophyId": 12, "trophyGroupId": "default", "trophyRare": 3,
        "trophyEarnedRate": "77.1"}"""
    one, other = map_states([decode(text, TrophyRow, "PSN") for _ in range(2)])
    (defined,) = map_definitions([decode(text, TrophyRow, "PSN")])
    assert one.rarity is not None
    assert one.rarity is other.rarity
    assert one.native_id is other.native_id is defined.native_id
    assert one.group_id is other.group_id is defined.group_id


@pytest.mark.parametrize(
    ("row", "band"),
    [
        ({"trophyRare": 3, "trophyEarnedRate": "1.0"}, RarityBand.COMMON),
        ({"trophyRare": 9, "trophyEarnedRate": "1.0"}, RarityBand.ULTRA_RARE),
        ({"trophyEarnedRate": 12}, RarityBand.VERY_RARE),
        ({"trophyEarnedRate": "120"}, None),
        ({"trophyRare": 1}, None),
        ({"trophyEarnedRate": "nan"}, None),
    ],
)
def test_the_rarity_band_is_psns_own_if_given(
    row: dict[str, object], band: RarityBand | None
) -> None:
    sandbox = create_sandbox()
    body = {"trophies": [{"trophyId": 0, "earned": False, **row}]}
    sandbox.faults.append(InjectedFault("users/me/.*/all/trophies", 200, body, JSON))
    rarity = index_trophies(
        load_contents_by_id("NPWR00001_00", Part.RARITY, sandbox, service_name="trophy2")
    )["0"]
    assert (rarity.rarity and rarity.rarity.band) == band


def test_a_percentage_has_two_digits() -> None:
    sandbox = create_sandbox()
    body = {"trophies": [{"trophyId": 0, "earned": False, "trophyEarnedRate": "12.3456"}]}
    sandbox.faults.append(InjectedFault("users/me/.*/all/trophies", 200, body, JSON))
    trophies = index_trophies(
        load_contents_by_id("NPWR00001_00", Part.RARITY, sandbox, service_name="trophy2")
    )
    assert trophies["0"].rarity == Rarity(percent=12.35, band=RarityBand.VERY_RARE)
