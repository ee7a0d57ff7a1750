"""`TROPHYCASE_PROFILES`: what is read, and what stops the start."""

import pytest

from providers.registry import Source
from resolvers.context import AccountRef
from server.pages.profile import SOURCES_BY_PARAMETER, find_profile, parse_profiles
from server.settings import SettingError
from tests.harness import run_server


def test_every_source_has_a_name_in_urls() -> None:
    assert set(SOURCES_BY_PARAMETER.values()) == set(Source)


def test_profiles_are_separated_by_commas_or_lines() -> None:
    text = "vega=psn:vega_north+ra:VegaNorth, other = xbox:Some Gamer#12\n\nthird=trophy:a%2Bb:c"
    vega, other, third = parse_profiles(text)

    assert vega.accounts == (
        AccountRef(Source.PSN, "vega_north"),
        AccountRef(Source.RETRO_ACHIEVEMENTS, "VegaNorth"),
    )
    assert (other.name, other.accounts) == ("other", (AccountRef(Source.XBOX, "Some Gamer#12"),))
    assert third.accounts == (AccountRef(Source.TROPHY_SO, "a+b:c"),)


def test_no_text_is_no_profile() -> None:
    assert parse_profiles("") == parse_profiles(" ,\n") == ()


def test_a_profile_is_found_in_whatever_case() -> None:
    profiles = parse_profiles("Vega=ra:VegaNorth")
    assert find_profile(profiles, "vega") is find_profile(profiles, "VEGA") is profiles[0]
    assert find_profile(profiles, "other") is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("vega", "name=psn:NAME"),
        ("=psn:x", "a name has"),
        ("a/b=psn:x", "a name has"),
        ("a.svg=psn:x", "a name has"),
        ("vega=", "vega: must be name=psn:NAME"),
        ("vega=psn:", "vega: must be name=psn:NAME"),
        ("vega=gog:x", "psn, ra, trophy, steam, xbox"),
        ("vega=psn:x+ra", "vega: must be name=psn:NAME"),
        ("vega=psn:x+psn:y", "at most one account on each source"),
        ("vega=psn:me", "must name the account"),
        ("vega=trophy:a%00b", "vega: must be name=psn:NAME"),
        ("vega=psn:x,VEGA=ra:y", "the same name twice"),
    ],
)
def test_a_malformed_profile_is_refused_with_what_it_must_be(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_profiles(text)


def test_a_handle_that_no_account_can_have_stops_the_start() -> None:
    with (
        pytest.raises(SettingError, match="TROPHYCASE_PROFILES: vega: handle must be"),
        run_server(TROPHYCASE_PROFILES="vega=psn:no blanks here"),
    ):
        pass
