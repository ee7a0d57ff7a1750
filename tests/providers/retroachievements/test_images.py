"""Addresses of images."""

import pytest

from providers.records import Image
from providers.retroachievements.images import map_badge, map_image

MEDIA = "https://media.retroachievements.org"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/Images/1.png", f"{MEDIA}/Images/1.png"),
        ("Images/1.png", f"{MEDIA}/Images/1.png"),
        ("//evil.example/1.png", f"{MEDIA}/evil.example/1.png"),
        ("@evil.example/1.png", f"{MEDIA}/@evil.example/1.png"),
        ("https://static.example/1.png", "https://static.example/1.png"),
        ("http://static.example/1.png", "https://static.example/1.png"),
        ("javascript:alert(1)", f"{MEDIA}/javascript:alert(1)"),
        ("/a\nb", None),
        ("https://user@evil.example/", None),
        ("", None),
        (None, None),
    ],
)
def test_an_image_has_an_absolute_https_url_or_none(path: str | None, shown: str | None) -> None:
    assert map_image(MEDIA, path) == (None if shown is None else Image(url=shown))


def test_a_badge_has_a_coloured_and_a_grey_image() -> None:
    assert map_badge(MEDIA, "00501") == Image(
        url=f"{MEDIA}/Badge/00501.png", locked_url=f"{MEDIA}/Badge/00501_lock.png"
    )
    assert map_badge(MEDIA, "") is None


def test_a_badge_url_stays_on_the_media_host() -> None:
    badge = map_badge(MEDIA, "../../x?y=1#@evil.example")
    assert badge is not None
    assert str(badge.url).startswith(f"{MEDIA}/Badge/..%2F..%2Fx%3Fy")
