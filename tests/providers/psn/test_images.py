"""Images with URLs that are safe to show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.kit.text import sanitize_url
from providers.psn.images import map_image, map_images
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


PLAIN = "https://image.invalid/a.png"
URLS = st.from_regex(r"(?i)https?://[a-z0-9_.@:\[\]-]*([/?#][ -~]*)?", fullmatch=True)


@pytest.mark.slow
@given(URLS | st.text())
def test_an_image_has_the_url_that_is_safe_to_show(url: str) -> None:
    image = map_image(url)
    assert (None if image is None else image.url) == sanitize_url(url)


@pytest.mark.slow
@given(
    st.lists(
        st.none() | st.sampled_from([PLAIN, f"{PLAIN}\n", f"{PLAIN}\n{PLAIN}"]) | URLS | st.text(),
        max_size=4,
    )
)
def test_images_of_a_page_are_those_of_its_rows(urls: list[str | None]) -> None:
    assert map_images(urls) == [map_image(url) for url in urls]
