"""The elements of a picture: places, directions, and a policy for it as a page."""

from base64 import b64encode
from hashlib import sha256

from server.embeds.card_theme import THEMES
from server.embeds.svg import Box, Drawing, build_policy
from tests.server.embeds.profiles import parse_xml

SVG = "{http://www.w3.org/2000/svg}"


def test_a_text_from_right_to_left_begins_beside_the_picture_too() -> None:
    drawing = Drawing(100, 50, "light", "A title")
    drawing.add_text("abc", Box(10, 10, 80), 12)
    drawing.add_text("שלום", Box(10, 30, 80), 12)
    left, right = parse_xml(drawing.encode()).iter(f"{SVG}text")
    assert (left.get("direction"), left.get("text-anchor")) == (None, None)
    assert (right.get("direction"), right.get("text-anchor")) == ("rtl", "end")
    assert right.get("x") is None


def test_a_picture_is_cut_to_its_place() -> None:
    drawing = Drawing(100, 50, "light", "A title")
    drawing.add_picture("data:image/png;base64,AA", Box(1, 2, 30.25, 30.25), 4)
    drawing.add_picture("data:image/png;base64,AB", Box(40, 2, 30, 30), 4)
    root = parse_xml(drawing.encode())
    images = list(root.iter(f"{SVG}image"))
    clips = [each.get("id") for each in root.iter(f"{SVG}clipPath")]
    assert [each.get("clip-path") for each in images] == [f"url(#{name})" for name in clips]
    assert images[0].get("width") == "30.2"
    assert len(set(clips)) == 2


def test_the_title_of_the_picture_is_clean() -> None:
    root = parse_xml(Drawing(10, 10, "light", "a\x00\u202eb\nc").encode())
    assert [each.text for each in root.iter(f"{SVG}title")] == ["ab c"]
    assert root.get("role") == "img"


def test_as_a_page_a_card_runs_nothing_and_has_the_style_that_is_in_it() -> None:
    for theme in THEMES:
        root = parse_xml(Drawing(10, 10, theme, "").encode())
        hashes = [
            b64encode(sha256((each.text or "").encode()).digest()).decode()
            for each in root.iter(f"{SVG}style")
        ]
        policy = build_policy(theme)
        assert all(f"'sha256-{each}'" in policy for each in hashes)
        assert ("style-src 'none'" in policy) == (not hashes)
        assert "script-src" not in policy
        assert "default-src 'none'" in policy
