"""The patterns of handles and game ids."""

import pytest

from providers.errors import BadInput
from providers.retroachievements.identifiers import check_game_id, check_handle

VEGA = "01HVEGAN0RTH7Q2M4X6Z8B0C1D"


@pytest.mark.parametrize("handle", ["ab", "A1b2C3d4E5f6G7h8I9j0", VEGA, VEGA.lower()])
def test_names_and_ulids_are_accepted(handle: str) -> None:
    check_handle(handle)


@pytest.mark.parametrize(
    "handle",
    ["", "a", "a" * 21, "a" * 27, "a_b", "a b", "../../x", "ab\n", "ä2", "ab?y=1", "1\u0661"],
)
def test_invalid_handles_are_rejected(handle: str) -> None:
    with pytest.raises(BadInput) as caught:
        check_handle(handle)
    assert (caught.value.argument, caught.value.source) == ("handle", "RETRO_ACHIEVEMENTS")


@pytest.mark.parametrize("native_id", ["1", "77", "9999999999"])
def test_game_ids_are_accepted(native_id: str) -> None:
    check_game_id(native_id)


@pytest.mark.parametrize(
    "native_id", ["", "0", "07", "-1", "1.0", "12345678901", "1,2", "\u0667", "7\n"]
)
def test_invalid_game_ids_are_rejected(native_id: str) -> None:
    with pytest.raises(BadInput) as caught:
        check_game_id(native_id)
    assert caught.value.argument == "nativeId"
