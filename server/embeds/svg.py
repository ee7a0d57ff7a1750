"""The elements of an SVG picture; every text is escaped, and clipped to the room it has."""

from base64 import b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from xml.etree.ElementTree import Element, SubElement, tostring

from server.embeds.card_theme import AUTO, THEMES, build_dark_style
from server.embeds.text import is_right_to_left, shorten
from server.pages.texts import clean_text

MEDIA_TYPE = "image/svg+xml"
FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
# Of the size of the letters: what is above the line on which they stand, and the whole height.
ASCENT, LINE_HEIGHT = 1.05, 1.45
BOLD = 1.12  # how much wider such letters are


@dataclass(frozen=True)
class Box:
    """A place in the picture, in pixels."""

    x: float
    y: float
    width: float
    height: float = 0


@dataclass
class Drawing:
    """A picture that is being drawn."""

    width: int
    height: int
    theme_name: str
    title: str
    root: Element = field(init=False)
    _clips: int = 0

    def __post_init__(self) -> None:
        size = f"0 0 {self.width} {self.height}"
        self.root = Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "width": str(self.width),
                "height": str(self.height),
                "viewBox": size,
                "role": "img",
                "font-family": FONTS,
            },
        )
        SubElement(self.root, "title").text = clean_text(self.title)
        if self.theme_name == AUTO:
            SubElement(self.root, "style").text = build_dark_style()
        self._draw_background()

    def add_text(
        self, text: str, box: Box, size: float, color: str = "text", *, bold: bool = False
    ) -> None:
        """Write a text from the left of a place on, as much as there is room for."""
        element = self._add_line(text, box, size, color, bold=bold)
        if is_right_to_left(element.text or ""):
            # The end of such a line is on its left.
            element.attrib.update({"direction": "rtl", "text-anchor": "end"})

    def add_right_text(self, text: str, box: Box, size: float, color: str = "muted") -> None:
        """Write a text of this server's own that ends at the right of a place."""
        element = self._add_line(text, box, size, color)
        element.attrib.update({"x": _format(box.width), "text-anchor": "end"})

    def add_picture(self, data_url: str, box: Box, radius: float) -> None:
        """Show a picture with round corners, cut to its place."""
        name = self._add_clip(box, radius)
        SubElement(
            self.root,
            "image",
            {
                **_place(box),
                "href": data_url,
                "preserveAspectRatio": "xMidYMid slice",
                "clip-path": f"url(#{name})",
            },
        )

    def add_placeholder(self, letter: str, box: Box, radius: float) -> None:
        """Show a letter where a picture is missing."""
        shape = {**_place(box), "rx": _format(radius), **self._stroke(), "fill": "none"}
        SubElement(self.root, "rect", {**shape, "class": "border"})
        size = box.height * 0.45
        attributes = {
            "x": _format(box.x + box.width / 2),
            "y": _format(box.y + box.height / 2 + size * 0.35),
            "text-anchor": "middle",
            "font-size": _format(size),
            "class": "muted",
            "fill": self._color("muted"),
        }
        SubElement(self.root, "text", attributes).text = clean_text(letter)

    def add_rule(self, y: float, left: float, right: float) -> None:
        """Draw a line from left to right."""
        ends = {"x1": left, "x2": right, "y1": y, "y2": y}
        attributes = {name: _format(value) for name, value in ends.items()}
        SubElement(self.root, "line", {**attributes, **self._stroke(), "class": "border"})

    def encode(self) -> bytes:
        """Return the picture as a document."""
        return tostring(self.root, encoding="utf-8", xml_declaration=True)

    def _add_line(
        self, text: str, box: Box, size: float, color: str, *, bold: bool = False
    ) -> Element:
        line = Box(box.x, box.y, box.width, size * LINE_HEIGHT)
        # An inner picture shows nothing outside itself, however wide the letters are.
        clip = SubElement(self.root, "svg", _place(line))
        attributes = {
            "y": _format(size * ASCENT),
            "font-size": _format(size),
            "class": color,
            "fill": self._color(color),
            **({"font-weight": "600"} if bold else {}),
        }
        element = SubElement(clip, "text", attributes)
        element.text = shorten(clean_text(text), box.width, size * (BOLD if bold else 1))
        return element

    def _add_clip(self, box: Box, radius: float) -> str:
        self._clips += 1
        name = f"c{self._clips}"
        clip = SubElement(self.root, "clipPath", {"id": name})
        SubElement(clip, "rect", {**_place(box), "rx": _format(radius)})
        return name

    def _draw_background(self) -> None:
        box = Box(0.5, 0.5, self.width - 1, self.height - 1)
        fill = {"fill": self._color("background"), "class": "background"}
        SubElement(self.root, "rect", {**_place(box), "rx": "10", **fill, **self._stroke()})

    def _stroke(self) -> dict[str, str]:
        return {"stroke": self._color("border")}

    def _color(self, name: str) -> str:
        return getattr(THEMES[self.theme_name], name)


def build_policy(theme_name: str) -> str:
    """Return the content security policy of a card that is opened as a page of its own."""
    style = "'none'"
    if theme_name == AUTO:
        digest = b64encode(sha256(build_dark_style().encode()).digest()).decode()
        style = f"'sha256-{digest}'"
    return f"default-src 'none'; img-src data:; style-src {style}; sandbox; frame-ancestors *"


def _place(box: Box) -> dict[str, str]:
    place = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
    return {name: _format(value) for name, value in place.items()}


def _format(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
