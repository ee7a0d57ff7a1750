"""The explorer's page and its example queries, without a browser."""

import asyncio
import gzip
import json
import re
from html import unescape
from pathlib import Path

import httpx
import pytest
from graphql import OperationDefinitionNode, build_schema, parse, validate
from graphql.execution.values import get_variable_values

from server.explorer import page
from server.explorer.page import (
    ExampleQuery,
    create_static_files,
    load_example_queries,
    render_explorer_page,
)
from tests.server.explorer.explorer_process import REPOSITORY


async def fetch_files(paths: list[str], **headers: str) -> list[httpx.Response]:
    transport = httpx.ASGITransport(create_static_files())
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return [await client.get(path, headers=headers) for path in paths]


def list_ready_query_parameters() -> list[object]:
    return [pytest.param(ready, id=ready.title) for ready in load_example_queries()]


@pytest.fixture(params=["graphiql", "plain"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """Serve either page, whether or not GraphiQL is built here."""
    if request.param == "graphiql":
        for name in ("explorer.js", "explorer.css", "icon.svg"):
            (tmp_path / name).touch()
    monkeypatch.setattr(page, "_BUILT", tmp_path)
    return request.param


@pytest.mark.slow
@pytest.mark.parametrize("ready", list_ready_query_parameters())
def test_an_example_query_is_valid(ready: ExampleQuery) -> None:
    sdl = (REPOSITORY / "schema" / "schema.graphql").read_text(encoding="utf-8")
    schema = build_schema(sdl, assume_valid_sdl=True)

    document = parse(ready.query)
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    declared = operation.variable_definitions or ()
    given = json.loads(ready.variables or "{}")

    assert validate(schema, document) == []
    assert set(given) == {each.variable.name.value for each in declared}
    assert not isinstance(get_variable_values(schema, declared, given), list)  # of errors


def test_the_first_example_query_is_what_a_newcomer_runs() -> None:
    titles = [ready.title for ready in load_example_queries()]

    assert titles == [
        "One person",
        "Anyone, by their accounts",
        "Page by page",
        "One title's trophies",
        "Nearly done",
        "Awards",
        "Campaigns",
        "Friends",
        "Steam",
        "Xbox",
        "A change",
        "Live: every new unlock, as soon as this server learns of it",
    ]


def test_without_subscriptions_there_is_no_live_query() -> None:
    titles = [ready.title for ready in load_example_queries(live=False)]

    assert titles == [ready.title for ready in load_example_queries()][:-1]
    assert "subscription" not in render_explorer_page("/graphql", live=False)


def test_every_example_query_has_a_name_for_its_tab() -> None:
    names = [
        re.findall(r"^(?:query|mutation|subscription) (\w+)", ready.query, re.MULTILINE)
        for ready in load_example_queries()
    ]

    assert all(len(found) == 1 for found in names)


def test_the_page_contains_the_example_queries(kind: str) -> None:
    found = re.search(r'data-queries="([^"]*)"', render_explorer_page("/graphql"))

    assert found, kind
    assert [
        ExampleQuery(**each) for each in json.loads(unescape(found[1]))
    ] == load_example_queries()


@pytest.mark.slow
def test_the_page_names_only_files_that_are_served(kind: str) -> None:
    named = re.findall(r'(?:src|href)="graphiql([^"]*)"', render_explorer_page("/graphql"))

    assert len(named) == 3, kind
    for response in asyncio.run(fetch_files(named)):
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "no-cache"
        assert response.headers["Content-Security-Policy"].startswith("default-src 'self';")


@pytest.mark.slow
def test_a_file_that_the_build_has_compressed_is_sent_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = b"// a script of the explorer\n" * 99
    (tmp_path / "explorer.js").write_bytes(text)
    (tmp_path / "explorer.js.gz").write_bytes(gzip.compress(text))
    monkeypatch.setattr(page, "_BUILT", tmp_path)

    (compressed,) = asyncio.run(fetch_files(["/explorer.js"]))
    (plain,) = asyncio.run(fetch_files(["/explorer.js"], **{"Accept-Encoding": "identity"}))
    known = {"If-None-Match": compressed.headers["etag"]}
    (unchanged,) = asyncio.run(fetch_files(["/explorer.js"], **known))

    assert compressed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert compressed.content == plain.content == text
    assert compressed.headers["etag"] != plain.headers["etag"]
    assert compressed.headers["content-type"] == plain.headers["content-type"]
    assert {each.headers["vary"] for each in (compressed, plain)} == {"Accept-Encoding"}
    assert unchanged.status_code == 304


def test_the_page_finds_its_files_under_a_path_prefix(kind: str) -> None:
    assert 'href="../graphiql/icon.svg"' in render_explorer_page("/api/graphql"), kind


def test_the_page_has_no_inline_script_and_no_foreign_url(kind: str) -> None:
    text = render_explorer_page("/graphql")

    assert "//" not in text, kind
    assert re.findall(r"<script[^>]*>(.*?)</script>", text, re.DOTALL) == [""]
