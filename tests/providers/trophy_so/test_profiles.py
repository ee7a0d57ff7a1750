"""Profiles of users."""

from datetime import UTC, datetime

import pytest

from providers.errors import NotFound
from providers.trophy_so_records import TrophySoProfile
from tests.providers.trophy_so.harness import ClientHarness, get_error, unwrap


def test_a_profile_has_a_name_and_no_email_address() -> None:
    (outcome,) = ClientHarness().run(lambda client: client.get_profiles(["vega"]))
    assert unwrap(outcome) == TrophySoProfile(
        native_id="vega",
        handle="vega",
        display_name="Vega",
        time_zone="Europe/Berlin",
        created_at=datetime(2024, 1, 10, 8, tzinfo=UTC),
    )
    assert "mail.example" not in repr(outcome)


@pytest.mark.parametrize("old_form", [False, True])
def test_missing_user_fields_are_null(old_form: bool) -> None:
    harness = ClientHarness()
    harness.sandbox.settings["old_form"] = old_form
    (outcome,) = harness.run(lambda client: client.get_profiles(["fresh"]))
    person = unwrap(outcome)
    assert isinstance(person, TrophySoProfile)
    assert (person.display_name, person.time_zone, person.avatar) == (None, None, None)


@pytest.mark.parametrize("status", [400, 422])
def test_an_id_the_source_rejects_as_malformed_is_not_found(status: int) -> None:
    harness = ClientHarness().with_response("users/odd", {"error": "Validation failed"}, status)
    assert isinstance(get_error(harness.run(lambda client: client.get_profiles(["odd"]))), NotFound)


@pytest.mark.parametrize("user_id", ["second user", "team/blue", "100%", "a?b#c", "%2e", "ü/../ü"])
def test_any_text_fits_into_the_path(user_id: str) -> None:
    harness = ClientHarness()
    harness.sandbox.database.users[user_id] = harness.sandbox.database.users["vega"]
    harness.sandbox.database.users[user_id].id = user_id
    (outcome,) = harness.run(lambda client: client.get_profiles([user_id]))
    assert unwrap(outcome).handle == user_id
    assert harness.paths[0].count("/") == 3
