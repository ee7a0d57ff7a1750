"""The colours of the card."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Theme:
    """Colours; the texts' contrast with the background is at least 4.5 to 1."""

    background: str
    border: str
    text: str
    muted: str
    accent: str


LIGHT = Theme("#ffffff", "#d0d7de", "#1f2328", "#59636e", "#0b5cad")
DARK = Theme("#161b22", "#30363d", "#e6edf3", "#9da7b3", "#6cb6ff")
# Light or dark, by the reader's `prefers-color-scheme`.
AUTO = "auto"
THEMES: Mapping[str, Theme] = {
    "light": LIGHT,
    "dark": DARK,
    AUTO: LIGHT,
    "black": Theme("#000000", "#2a2a2a", "#f5f5f5", "#a3a3a3", "#facc15"),
    "midnight": Theme("#1a1b2e", "#33365c", "#e0e4ff", "#a5abd6", "#c4a7ff"),
    "forest": Theme("#12261c", "#28503c", "#e6f4ea", "#a3c9b1", "#7ee2a8"),
    "sand": Theme("#fbf5e6", "#e0d3b0", "#3b2f1a", "#6e5d3c", "#8a4b08"),
    "contrast": Theme("#ffffff", "#000000", "#000000", "#000000", "#0000c8"),
}
DEFAULT_THEME = "light"


def build_dark_style() -> str:
    """Return the style by which the theme `auto` is dark; classes are the names of the colours."""
    rules = (
        f".background{{fill:{DARK.background};stroke:{DARK.border}}}"
        f".border{{stroke:{DARK.border}}}.text{{fill:{DARK.text}}}"
        f".muted{{fill:{DARK.muted}}}.accent{{fill:{DARK.accent}}}"
    )
    return f"@media (prefers-color-scheme:dark){{{rules}}}"
