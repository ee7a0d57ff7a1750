"""The recipes of docs/live.md as programs, with a real server's address and key in their places."""

import re

from tests.conformance.processes import REPOSITORY

DOCUMENT = REPOSITORY / "docs" / "live.md"
RECIPE = re.compile(
    r"^### (?P<name>[^\n]+)\n(?P<text>.*?)```\w+\n(?P<code>.*?)```$", re.MULTILINE | re.DOTALL
)
KEY = "the-key-of-the-recipes"


def load_recipes() -> dict[str, str]:
    """Return the code of each recipe by its name."""
    text = DOCUMENT.read_text()
    recipes = text.partition("\n## Recipes\n")[2].partition("\n## ")[0]
    sections = re.split(r"^(?=### )", recipes, flags=re.MULTILINE)
    return {match["name"]: match["code"] for each in sections if (match := RECIPE.match(each))}


def fill_in(code: str, address: str) -> str:
    """Put an address like `http://127.0.0.1:8000` and a key into a recipe."""
    host = address.partition("://")[2]
    plain = code.replace("wss://HOST", f"ws://{host}").replace("https://HOST", f"http://{host}")
    return plain.replace("Bearer KEY", f"Bearer {KEY}")
