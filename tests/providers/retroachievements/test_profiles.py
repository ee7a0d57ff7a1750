"""Profiles of accounts."""

from datetime import UTC, datetime

from providers.errors import NotFound
from providers.records import Image, Profile
from providers.retroachievements.client import RetroAchievementsClient
from providers.retroachievements_records import RetroAchievementsProfile
from tests.providers.retroachievements.harness import ClientHarness, get_error, unwrap

VEGA = "01HVEGAN0RTH7Q2M4X6Z8B0C1D"


def load_profile(handle: str, harness: ClientHarness | None = None) -> Profile:
    (outcome,) = (harness or ClientHarness()).run(lambda client: client.get_profiles([handle]))
    return unwrap(outcome)


def test_a_profile_has_all_fields_of_the_site() -> None:
    assert load_profile("veganorth") == RetroAchievementsProfile(
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


def test_the_same_account_is_found_by_ulid_and_by_a_former_name() -> None:
    assert load_profile(VEGA) == load_profile("VegaNorth")
    sam = load_profile("SamuelOne")
    assert sam.handle == "SecondSam"
    # The picture keeps the name that the account was opened with.
    assert sam.avatar == Image(url="https://media.retroachievements.org/UserPic/SamuelOne.png")


def test_numbers_sent_as_text_are_numbers() -> None:
    harness = ClientHarness()
    harness.sandbox.settings["numbers_as_text"] = True
    assert load_profile("VegaNorth", harness) == load_profile("VegaNorth")


def test_an_unknown_name_is_not_found_and_fails_alone() -> None:
    found, missing = ClientHarness().run(
        lambda client: client.get_profiles(["SecondSam", "Nobody"])
    )
    assert unwrap(found).handle == "SecondSam"
    assert isinstance(missing, NotFound)


def test_a_profile_without_a_ulid_has_the_rest() -> None:
    harness = ClientHarness().with_response(
        "GetUserProfile", {"User": "VegaNorth", "TotalPoints": 7, "TotalTruePoints": 2**40}
    )
    found = load_profile("VegaNorth", harness)
    assert isinstance(found, RetroAchievementsProfile)
    assert (found.native_id, found.handle, found.points) == ("", "VegaNorth", 7)
    assert found.true_points is None


def test_a_profile_without_a_name_and_a_ulid_is_a_bad_response() -> None:
    harness = ClientHarness().with_response("GetUserProfile", {"TotalPoints": 7})
    assert get_error(harness.run(lambda client: client.get_profiles(["VegaNorth"]))).code == (
        "UPSTREAM_BAD_RESPONSE"
    )


def test_missing_profile_fields_are_null() -> None:
    harness = ClientHarness().with_response("GetUserProfile", {"User": "VegaNorth", "ULID": VEGA})
    assert load_profile("VegaNorth", harness) == RetroAchievementsProfile(
        native_id=VEGA,
        handle="VegaNorth",
        display_name="VegaNorth",
        profile_url="https://retroachievements.org/user/VegaNorth",
    )


def test_a_profile_is_loaded_once() -> None:
    harness = ClientHarness()
    harness.run(lambda client: client.get_profiles(["VegaNorth", "veganorth", "VEGANORTH"]))
    assert harness.calls == {"GetUserProfile": 1}


def test_a_profile_loaded_by_name_is_cached_by_ulid() -> None:
    harness = ClientHarness()

    async def load(client: RetroAchievementsClient) -> None:
        await client.get_profiles(["SamuelOne"])
        await client.get_profiles(["SecondSam", "01HSEC0NDSAM7Q2M4X6Z8B0C2E"])

    harness.run(load)
    assert harness.calls == {"GetUserProfile": 1}


def test_every_spelling_of_an_account_has_the_id_that_its_ulid_has() -> None:
    harness = ClientHarness()

    async def get_ids(client: RetroAchievementsClient) -> set[str]:
        handles = ("VegaNorth", "veganorth", VEGA, VEGA.lower())
        return {await client.get_stable_id(handle) for handle in handles}

    assert harness.run(get_ids) == {VEGA}
    assert harness.calls == {"GetUserProfile": 1}
