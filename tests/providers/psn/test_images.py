"""Images with URLs that are safe to show."""

import pytest

from providers.psn.images import map_image
from providers.records import Image


@pytest.mark.parametrize(
    ("url", "image"),
    [
        ("https://image.invalid/a.png", Image(url="https://image.invalid/a.png")),
        ("http://image.invalid/a.png", Image(url="https://image.invalid/a.png")),
        ("javascript:alert(1)", None),
        ("/a.png", None),
        ("", None),
        (None, None),
    ],
)
def test_only_an_absolute_http_url_is_an_image(url: str | None, image: Image | None) -> None:
    assert map_image(url) == image
