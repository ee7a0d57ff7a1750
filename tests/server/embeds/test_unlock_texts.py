"""What the documents write of an unlock."""

from server.embeds.answers import Points, Rarity
from server.embeds.unlock_texts import describe_rarity, describe_unlock, name_unlock
from tests.server.embeds.profiles import make_unlock

UNKNOWN = {"description": None, "points": None, "rarity": None, "grade": None, "title": None}


def test_everything_that_is_known_is_there() -> None:
    unlock = make_unlock(points=Points(1000, "GAMERSCORE"), rarity=Rarity(0.05))
    assert name_unlock(unlock) == "First Light · Harbor Lights"
    assert describe_rarity(unlock) == "Gold · 0.05%"
    assert describe_unlock(unlock) == (
        "Light the lamp.\nPlayStation Network · 1,000 gamerscore\nGold · 0.05%"
    )
    assert "10 retro points" in describe_unlock(make_unlock(points=Points(10, "RETRO_POINTS")))


def test_what_is_not_known_is_left_out() -> None:
    unlock = make_unlock(None, **UNKNOWN)
    assert name_unlock(unlock) == "Without a name"
    assert describe_rarity(unlock) == ""
    assert describe_unlock(unlock) == "PlayStation Network"
