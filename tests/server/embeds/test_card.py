"""The card shows what was read, as text."""

from base64 import b64encode
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import msgspec
import pytest

from server.embeds.answers import Account, Person, State, Totals, Unlock, Unlocks
from server.embeds.card import (
    MAX_CARD_PICTURES_BYTES,
    describe_sum,
    describe_totals,
    limit_pictures,
    render_card,
    render_compact_card,
)
from server.embeds.card_theme import THEMES
from tests.server.embeds.profiles import (
    HOSTILE_TEXTS,
    OK,
    make_hostile_profile,
    make_profile,
    make_unlock,
    parse_xml,
)

SVG = "{http://www.w3.org/2000/svg}"
KNOWN_TAGS = {"svg", "title", "rect", "text", "line", "image", "clipPath"}


def list_texts(content: bytes) -> list[str]:
    return [each.text or "" for each in iterate(content) if each.tag == f"{SVG}text"]


def iterate(content: bytes) -> Iterator[Element]:
    return parse_xml(content).iter()


def test_the_card_shows_the_person_their_totals_and_their_unlocks() -> None:
    unlocks = [make_unlock(f"Unlock {number}") for number in range(9)]
    texts = list_texts(render_card(make_profile(unlocks), {}, "light"))
    assert texts[:2] == ["V", "Vega"]
    assert "1,234 achievements · 12 platinums · 1 of 2 sources" in texts
    assert texts[texts.index("Xbox") + 1] == "not available"
    assert texts[texts.index("PlayStation Network") + 1] == (
        "1,234 earned · 12 platinums · 14 titles"
    )
    assert [text for text in texts if text.startswith("Unlock")] == [
        f"Unlock {number}" for number in range(5)
    ]
    assert texts.count("2026-03-04") == texts.count("Gold · 12.3%") == 5


def test_the_compact_card_shows_the_newest_unlock() -> None:
    texts = list_texts(render_compact_card(make_profile([make_unlock()]), {}, "dark"))
    assert texts[1:] == [
        "Vega",
        "1,234 achievements · 12 platinums · 1 of…",
        "First Light · Harbor Lights",
    ]


@pytest.mark.parametrize("theme", THEMES)
def test_every_theme_is_drawn_in_its_colors(theme: str) -> None:
    root = parse_xml(render_card(make_profile([make_unlock()]), {}, theme))
    assert {each.get("fill") for each in root.iter(f"{SVG}text")} <= {
        THEMES[theme].text,
        THEMES[theme].muted,
        THEMES[theme].accent,
    }
    assert len(list(root.iter(f"{SVG}style"))) == (theme == "auto")


def test_hostile_texts_are_text() -> None:
    profile = make_hostile_profile()
    for start in range(0, len(HOSTILE_TEXTS), 5):
        edges = profile.unlocks.edges[start : start + 5]
        part = msgspec.structs.replace(profile.unlocks, edges=edges)
        shown = make_profile([edge.node for edge in part.edges], display_name=HOSTILE_TEXTS[start])
        for content in (render_card(shown, {}, "light"), render_compact_card(shown, {}, "light")):
            elements = list(iterate(content))
            assert {each.tag.removeprefix(SVG) for each in elements} <= KNOWN_TAGS
            assert not any(name.startswith("on") for each in elements for name in each.attrib)
            assert len(content) < 30_000


def test_pictures_are_shown_where_they_are_found() -> None:
    found = {"https://image.example/1.png": "data:image/png;base64,AAAA"}
    content = render_card(make_profile([make_unlock()]), found, "light")
    images = [each.get("href") for each in iterate(content) if each.tag == f"{SVG}image"]
    assert images == ["data:image/png;base64,AAAA"]


def test_the_pictures_of_a_card_are_bounded() -> None:
    large = f"data:image/png;base64,{b64encode(bytes(200 * 1024)).decode()}"
    urls = [None, *(f"https://image.example/{number}" for number in range(6)), None]
    kept = limit_pictures(urls, {url: large for url in urls if url})
    assert list(kept) == urls[1:3]
    assert sum(map(len, kept.values())) <= MAX_CARD_PICTURES_BYTES


def test_nothing_earned_is_not_the_same_as_nothing_known() -> None:
    empty = make_profile()
    failed = make_profile(states=[State("UNAVAILABLE")])
    assert "Nothing earned yet." in list_texts(render_card(empty, {}, "light"))
    assert "The sources are not available." in list_texts(render_card(failed, {}, "light"))


@pytest.mark.parametrize(
    ("state", "totals", "text"),
    [
        ("OK", None, "not counted"),
        ("OK", Totals("PSN"), "not counted"),
        ("OK", Totals("PSN", earned=0), "0 earned"),
        ("STALE", Totals("PSN", titles=1, awards=1), "1 title · 1 award"),
        ("PRIVATE", Totals("PSN", earned=5), "not available"),
    ],
)
def test_unknown_counts_are_left_out(state: str, totals: Totals | None, text: str) -> None:
    assert describe_totals(Account("PSN", State(state)), totals) == text


def test_a_sum_of_nothing_is_no_zero() -> None:
    accounts = (Account("PSN", OK),)
    assert describe_sum(Person(accounts, totals=None)) == "Totals are not available"
    assert describe_sum(Person(accounts, totals=(Totals("PSN"),))) == "Totals are not available"
    assert describe_sum(Person(accounts, totals=(Totals("PSN", earned=1),))) == "1 achievement"


def test_an_unlock_of_which_little_is_known_is_drawn() -> None:
    unlocks = [
        Unlock("id", "TROPHY_SO"),
        make_unlock(None, earned_at=None, rarity=None),
        make_unlock(" \u202e"),
    ]
    texts = list_texts(render_card(make_profile(unlocks), {}, "light"))
    assert texts.count("Without a name") == 3
    assert Unlocks().have_all_failed
