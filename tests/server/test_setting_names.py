"""Names that are almost those of settings are found; what other programs set is not."""

import pytest

from server.setting_names import find_unknown

KNOWN = ("TROPHYCASE_LOG", "TROPHYCASE_LOG_LEVEL", "STEAM_API_KEY", "TROPHY_SO_API_KEY")


@pytest.mark.parametrize(
    ("name", "similar"),
    [
        ("TROPHYCASE_LOGS", "TROPHYCASE_LOG"),
        ("TROPHYCASE_LEVEL", "TROPHYCASE_LOG_LEVEL"),
        ("TROPHYCASE_COLOR_OF_THE_SKY", ""),
        ("STEAM_API_KY", "STEAM_API_KEY"),
    ],
)
def test_a_mistyped_name_is_found_with_the_most_similar_one(name: str, similar: str) -> None:
    assert find_unknown([*KNOWN, name, "PATH"], KNOWN) == (name, similar)


@pytest.mark.parametrize("name", ["PATH", "STEAM_RUNTIME", "TROPHYCASE_PORT", "STEAMAPIKEY"])
def test_names_of_other_programs_are_not(name: str) -> None:
    assert find_unknown([name], KNOWN) is None
