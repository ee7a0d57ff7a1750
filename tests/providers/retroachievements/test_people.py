"""Profiles."""

import asyncio
from datetime import UTC, datetime

import pytest

from providers.errors import BadInput, NotFound
from providers.records import Image, Person, RetroAchievementsPerson
from providers.retroachievements.client import RetroAchievementsClient
from tests.providers.retroachievements.asking import Asking, error, value

VEGA = "01HVEGAN0RTH7Q2M4X6Z8B0C1D"


def person(handle: str, asking: Asking | None = None) -> Person:
    (outcome,) = (asking or Asking()).run(lambda client: client.people([handle]))
    return value(outcome)


def test_a_profile_has_everything_the_site_says_of_a_person() -> None:
    assert person("veganorth") == RetroAchievementsPerson(
        native_id=VEGA,
        handle="VegaNorth",
        display_name="VegaNorth",
        avatar=Image(url="https://media.retroachievements.org/UserPic/VegaNorth.png"),
        profile_url="https://retroachievements.org/user/VegaNorth",
        points=446,
        softcore_points=180,
        true_points=1203,
        member_since=datetime(2023, 11, 4, 8, 15, 30, tzinfo=UTC),
        motto="One more try",
        rich_presence="Resting by the hollow hill",
    )


def test_the_same_person_is_found_by_ulid_and_by_a_former_name() -> None:
    assert person(VEGA) == person("VegaNorth")
    sam = person("SamuelOne")
    assert sam.handle == "SecondSam"
    # The picture keeps the name that the account was opened with.
    assert sam.avatar == Image(url="https://media.retroachievements.org/UserPic/SamuelOne.png")


def test_numbers_sent_as_text_are_numbers() -> None:
    asking = Asking()
    asking.sandbox.settings["numbers_as_text"] = True
    assert person("VegaNorth", asking) == person("VegaNorth")


def test_a_name_that_nobody_has_is_not_found_and_spoils_no_other() -> None:
    found, missing = Asking().run(lambda client: client.people(["SecondSam", "Nobody"]))
    assert value(found).handle == "SecondSam"
    assert isinstance(missing, NotFound)


def test_a_profile_without_a_ulid_cannot_be_read() -> None:
    asking = Asking().answering("GetUserProfile", {"User": "VegaNorth"})
    assert error(asking.run(lambda client: client.people(["VegaNorth"]))).code == (
        "UPSTREAM_BAD_RESPONSE"
    )


def test_what_a_profile_leaves_out_is_unknown() -> None:
    asking = Asking().answering("GetUserProfile", {"User": "VegaNorth", "ULID": VEGA})
    assert person("VegaNorth", asking) == RetroAchievementsPerson(
        native_id=VEGA,
        handle="VegaNorth",
        display_name="VegaNorth",
        profile_url="https://retroachievements.org/user/VegaNorth",
    )


@pytest.mark.parametrize("handle", ["ab", "A1b2C3d4E5f6G7h8I9j0", VEGA, VEGA.lower()])
def test_names_and_ulids_are_accepted(handle: str) -> None:
    Asking().run(lambda client: asyncio.to_thread(client.check_handle, handle))


@pytest.mark.parametrize(
    "handle",
    ["", "a", "a" * 21, "a" * 27, "a_b", "a b", "../../x", "ab\n", "ä2", "ab?y=1", "1\u0661"],
)
def test_what_no_account_can_be_called_is_refused_before_any_call(handle: str) -> None:
    asking = Asking()
    with pytest.raises(BadInput) as refused:
        asking.run(lambda client: asyncio.to_thread(client.check_handle, handle))
    assert (refused.value.argument, refused.value.source) == ("handle", "RETRO_ACHIEVEMENTS")
    assert not asking.calls


def test_a_profile_is_asked_for_once() -> None:
    asking = Asking()
    asking.run(lambda client: client.people(["VegaNorth", "veganorth", "VEGANORTH"]))
    assert asking.calls == {"GetUserProfile": 1}


def test_a_profile_asked_for_by_name_is_known_by_ulid() -> None:
    asking = Asking()

    async def ask(client: RetroAchievementsClient) -> None:
        await client.people(["SamuelOne"])
        await client.people(["SecondSam", "01HSEC0NDSAM7Q2M4X6Z8B0C2E"])

    asking.run(ask)
    assert asking.calls == {"GetUserProfile": 1}
