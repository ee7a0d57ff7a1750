"""The line of a server that has started says what it serves, and what to open."""

from dataclasses import replace

import pytest

from providers.kit.upstream.user_agent import VERSION
from providers.registry import Source
from server.settings import read_settings
from server.start_line import describe_start

SETTINGS = read_settings({}, sandbox=False)
PATH = "/graphql"


@pytest.mark.parametrize(
    ("host", "address", "opened"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://0.0.0.0:8000", "http://127.0.0.1:8000"),  # noqa: S104
        ("::", "http://[::]:8000", "http://[::1]:8000"),
    ],
)
def test_the_address_is_followed_by_version_and_sources(
    host: str, address: str, opened: str
) -> None:
    sources = [Source.PSN, Source.STEAM]

    assert describe_start(SETTINGS, sources, host, 8000, PATH) == (
        f"trophycase serves {address}/graphql (version {VERSION}; PSN, STEAM). "
        f"Open {opened}/ in a browser for the trophy case, "
        f"and {opened}/graphql to query the graph."
    )


def test_the_sandbox_is_named() -> None:
    line = describe_start(replace(SETTINGS, sandbox=True), list(Source), "127.0.0.1", 1, PATH)

    assert "; sandbox of PSN, " in line


def test_without_a_source_there_is_a_hint() -> None:
    line = describe_start(SETTINGS, [], "127.0.0.1", 1, PATH)

    assert "no source is configured" in line
    assert "--sandbox" in line


def test_without_an_explorer_the_page_is_there_to_open() -> None:
    line = describe_start(replace(SETTINGS, graphiql=False), [Source.PSN], "127.0.0.1", 1, PATH)

    assert line == (
        f"trophycase serves http://127.0.0.1:1/graphql (version {VERSION}; PSN). "
        "Open http://127.0.0.1:1/ in a browser for the trophy case."
    )
