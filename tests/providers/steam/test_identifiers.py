"""Handles and app ids, by pattern alone."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.errors import BadInput
from providers.steam.identifiers import (
    APP_ID_PATTERN,
    STEAM_ID_PATTERN,
    VANITY_PATTERN,
    check_app_id,
    is_steam_id,
    parse_handle,
)


@pytest.mark.parametrize("app_id", ["1", "10", "4294967295"])
def test_an_app_id_is_a_number_of_32_bits(app_id: str) -> None:
    check_app_id(app_id)


@pytest.mark.parametrize(
    "app_id", ["", "0", "01", "4294967296", "99999999999", "1 ", "+1", "\u0661"]
)
def test_anything_else_is_not_an_app_id(app_id: str) -> None:
    with pytest.raises(BadInput):
        check_app_id(app_id)


def test_a_17_digit_number_is_an_id_before_it_is_a_name() -> None:
    assert parse_handle("76561190000000001") == "76561190000000001"
    assert parse_handle("12345") == "12345"


def test_the_highest_account_number_has_an_id() -> None:
    assert parse_handle("[U:1:4294967295]") == "76561202255233023"
    assert parse_handle("76561202255233023") == "76561202255233023"
    assert is_steam_id("76561202255233023")


@pytest.mark.parametrize(
    "address",
    [
        "https://steamcommunity.com/id/me",
        "steamcommunity.com/id/me/",
        "\u017fteamcommunity.com/id/vega_north",
        "steamcommunity.com/id/\u212aelvin",
    ],
)
def test_an_address_never_stands_for_the_own_account_and_is_ascii(address: str) -> None:
    with pytest.raises(BadInput):
        parse_handle(address)


@pytest.mark.slow
@given(st.text(max_size=60) | st.from_regex(re.compile(r"https://steamcommunity\.com/.{0,40}")))
def test_whatever_is_accepted_fits_into_an_address(handle: str) -> None:
    try:
        name = parse_handle(handle)
    except BadInput:
        return
    assert STEAM_ID_PATTERN.fullmatch(name) or VANITY_PATTERN.fullmatch(name)


@pytest.mark.slow
@given(st.text(max_size=12))
def test_whatever_is_accepted_as_an_app_id_fits_into_an_address(app_id: str) -> None:
    try:
        check_app_id(app_id)
    except BadInput:
        return
    assert APP_ID_PATTERN.fullmatch(app_id)
    assert app_id.isascii()
