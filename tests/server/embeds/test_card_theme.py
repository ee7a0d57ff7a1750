"""The colours of the card can be read."""

import re

import pytest

from server.embeds.card_theme import DARK, THEMES, Theme, build_dark_style


def measure_contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, as WCAG 2 defines it."""
    lighter, darker = sorted((measure_luminance(one), measure_luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def measure_luminance(color: str) -> float:
    parts = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_every_text_has_enough_contrast(theme: Theme) -> None:
    for color in (theme.text, theme.muted, theme.accent):
        assert measure_contrast(color, theme.background) >= 4.5


def test_the_style_of_the_automatic_theme_is_the_dark_one() -> None:
    colors = set(re.findall(r"#[0-9a-f]{6}", build_dark_style()))
    assert colors == {DARK.background, DARK.border, DARK.text, DARK.muted, DARK.accent}
