"""Cards in Chromium: pictures that load nothing, in which no text touches another."""

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from server.embeds.card import render_card, render_compact_card
from server.embeds.card_theme import THEMES
from tests.conformance.processes import run_script
from tests.conformance.web_application import find_chromium
from tests.harness import run_server
from tests.server.embeds.profiles import HOSTILE_TEXTS, make_hostile_profile, make_profile
from tests.server.pages.page_operations import PROFILES

pytestmark = pytest.mark.slow

BROWSE_SCRIPT = Path(__file__).with_name("browse_cards.mjs")
DRAWN = {"svg", "title", "style", "rect", "text", "line", "image", "clipPath"}
# Of rounding, and of letters that are drawn a little over their line.
TOLERANCE = 1.0


def draw_hostile_cards() -> dict[str, str]:
    """Draw cards with all the hostile texts, five of them on each."""
    unlocks = make_hostile_profile().unlocks.nodes
    cards: dict[str, str] = {}
    for start in range(0, len(unlocks), 5):
        part = unlocks[start : start + 5]
        for number, text in enumerate(HOSTILE_TEXTS[start : start + 5]):
            profile = make_profile(part, display_name=text)
            compact = render_compact_card(profile, {}, "dark")
            cards[f"compact-{start + number}"] = compact.decode()
            cards[f"card-{start + number}"] = render_card(profile, {}, "light").decode()
    return cards


def fetch_cards() -> dict[str, str]:
    """Fetch the cards of a profile of the sandbox, with their pictures, in all themes."""
    with run_server(sandbox=True, **PROFILES) as server:
        return {
            f"{theme}{compact}": server.request(
                "GET", f"/@vega/card.svg?theme={theme}{compact}"
            ).text
            for theme in THEMES
            for compact in ("", "&compact")
        }


def show(cards: dict[str, str], *, dark: bool = False) -> dict[str, Any]:
    """Show cards, and return what is seen of each."""
    payload = {"executablePath": find_chromium(), "cards": cards, "dark": dark}
    seen = run_script(BROWSE_SCRIPT, payload=payload)
    assert seen["problems"] == []
    return seen


def touches(one: dict[str, float], other: dict[str, float]) -> bool:
    """Return whether two texts are drawn over each other."""
    return (
        one["left"] < other["right"] - TOLERANCE
        and other["left"] < one["right"] - TOLERANCE
        and one["top"] < other["bottom"] - TOLERANCE
        and other["top"] < one["bottom"] - TOLERANCE
    )


@pytest.mark.parametrize("make_cards", [draw_hostile_cards, fetch_cards])
def test_every_text_is_within_its_room_and_touches_no_other(make_cards: Any) -> None:
    seen = show(make_cards())
    assert seen["foreign"] == []
    for name, card in seen["cards"].items():
        assert set(card["elements"]) <= DRAWN, name
        assert card["size"][0] in (500, 400)
        for one, other in combinations(card["texts"], 2):
            assert not touches(one["room"], other["room"]), (name, one, other)
        for each in card["texts"]:
            room, drawn = each["room"], each["drawn"]
            if each["text"]:
                assert drawn["left"] >= room["left"] - TOLERANCE, (name, each)
                assert drawn["right"] <= room["right"] + TOLERANCE, (name, each)
            assert room["right"] <= card["size"][0]
            assert room["bottom"] <= card["size"][1]


def test_the_automatic_theme_is_what_the_reader_prefers() -> None:
    cards = {theme: render_card(make_profile(), {}, theme).decode() for theme in ("auto", "light")}
    light, dark = show(cards)["cards"], show(cards, dark=True)["cards"]
    assert light["auto"]["fill"] == light["light"]["fill"] == dark["light"]["fill"]
    assert light["auto"]["fill"] == "rgb(255, 255, 255)"
    assert dark["auto"]["fill"] == "rgb(22, 27, 34)"
