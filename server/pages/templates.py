"""Templates of pages: HTML in which every text is escaped, and a missing name is an error."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from server.pages import texts

FOLDER = Path(__file__).with_name("html")
FILTERS: Mapping[str, Callable[..., Any]] = {
    "duration": texts.format_duration,
    "kind": texts.name_kind,
    "named": texts.name_entry,
    "number": texts.format_number,
    "percent": texts.format_percent,
    "plain": texts.clean_text,
    "source": texts.name_source,
    "time": texts.format_time,
    "unit": texts.name_unit,
    "web_url": texts.select_web_url,
}


def render(name: str, **values: Any) -> str:
    """Render a template of `html/`; whatever the values contain is shown as text."""
    return get_environment().get_template(name).render(values)


@cache
def get_environment() -> Environment:
    """Return the environment of the templates, which are read once."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    for name, each in FILTERS.items():
        environment.filters[name] = each
    return environment
