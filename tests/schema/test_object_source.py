"""Functions that are written for a selection contain nothing of what a caller wrote."""

import re
from typing import Any

import pytest

from schema import object_source
from tests.harness import RunningServer

QUERY = """
query Injected($accounts: [AccountInput!]!) {
  viewer { trophyTitles(first: 3) { edges { node {
    __import__: id
    o: nativeId
    exec: name
    achievements { known: name check: earned n0: icon { url } }
  } } } }
  user(accounts: $accounts) { accounts { source } }
}
"""
VARIABLES = {"accounts": [{"source": "PSN", "handle": "sample_friend"}]}
WORDS = re.compile(r"[A-Za-z_]\w*")
OWN_WORDS = re.compile(r"(?:[cefntv]\d+|complete|def|if|return|type|not|in|is|None|and|or|id|get)")
ATTRIBUTES = re.compile(r"r\.(\w+)")


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list that gets each source that is compiled."""
    written: list[str] = []
    compile_source = object_source.compile_source

    def record(source: str) -> Any:
        written.append(source)
        return compile_source(source)

    monkeypatch.setattr(object_source, "compile_source", record)
    return written


def test_a_source_has_no_word_of_the_operation(server: RunningServer, sources: list[str]) -> None:
    for _ in range(2):
        server.fetch_data(QUERY, VARIABLES, {"cache-control": "no-cache"})

    assert sources
    for source in sources:
        attributes = ATTRIBUTES.findall(source)
        others = set(WORDS.findall(ATTRIBUTES.sub("", source)))
        left = {word for word in others if not OWN_WORDS.fullmatch(word)}
        assert left <= {"o", "r", "known", "check", "__dict__", "_record"}
        assert set(attributes) <= {"native_id", "name", "earned", "icon", "url"}


def test_nothing_is_written_for_an_operation_that_is_executed_once(
    server: RunningServer, sources: list[str]
) -> None:
    server.fetch_data(QUERY, VARIABLES)

    assert sources == []


def test_response_names_that_are_words_of_python_are_answered(server: RunningServer) -> None:
    answers = [server.fetch_data(QUERY, VARIABLES) for _ in range(3)]

    assert answers[0] == answers[1] == answers[2]
    titles = answers[0]["viewer"]["trophyTitles"]["edges"]
    assert [set(edge["node"]) for edge in titles] == [
        {"__import__", "o", "exec", "achievements"} for _ in titles
    ]
