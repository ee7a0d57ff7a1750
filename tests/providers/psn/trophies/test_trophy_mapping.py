"""Rows of trophies as records."""

import pytest

from providers.kit.sandbox import InjectedFault
from providers.psn.sandbox.app import create_sandbox
from providers.records import Part, RarityBand
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
