"""Texts come in the language that was asked for, and never in somebody else's."""

from typing import Any

import pytest

from tests.asking import NO_HEADERS, PSN_VEGA, Server

QUERY = """
query ($accounts: [AccountInput!]!) {
  user(accounts: $accounts) {
    trophyTitles(first: 100) { edges { node { nativeId name } } }
    trophyTitle(nativeId: "NPWR00001_00") {
      name
      groups { name }
      achievements { name description }
    }
  }
  trophyTitle(nativeId: "NPWR00002_00") { name detail achievements { name } }
}
"""
GERMAN, ENGLISH = {"Accept-Language": "de-DE"}, {"Accept-Language": "en-US"}
VARIABLES = {"accounts": PSN_VEGA}


def spoken(data: Any) -> set[str]:
    """In which languages the names are that differ between the two."""
    own, bare = data["user"]["trophyTitle"], data["trophyTitle"]
    listed = {
        edge["node"]["nativeId"]: edge["node"]["name"]
        for edge in data["user"]["trophyTitles"]["edges"]
    }
    words = [
        (own["name"], "Sample Quest", "Musterreise"),
        (own["groups"][1]["name"], "The Lost Island", "Die verlorene Insel"),
        (own["achievements"][1]["name"], "The Long Road", "Der lange Weg"),
        (own["achievements"][1]["description"], "Reach the sea.", "Erreiche das Meer."),
        (bare["name"], "Sample Quest", "Musterreise"),
        (bare["detail"], "The trophies of Sample Quest.", "Die Trophäen von Musterreise."),
        (bare["achievements"][3]["name"], "First Step", "Erster Schritt"),
        (listed["NPWR00012_00"], "Night Ferry", "Nachtfähre"),
    ]
    for word, english, german in words:
        assert word in (english, german)
    return {"de" if word == german else "en" for word, _, german in words}


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("en-US", "en"),
        ("de-DE", "de"),
        ("de", "de"),
        ("DE-de", "de"),
        ("de-DE, en;q=0.8", "de"),
        ("en;q=0.2, de-DE;q=0.9", "de"),
        ("de-DE;q=0.1, en-GB", "en"),
        ("de;q=0", "en"),
        ("de;q=0.000, en;q=0.1", "en"),
        ("*", "en"),
        ("zh-Hant-TW", "en"),
    ],
)
def test_the_first_choice_is_spoken(server: Server, header: str | None, language: str) -> None:
    headers = {} if header is None else {"Accept-Language": header}

    assert spoken(server.data(QUERY, VARIABLES, headers)) == {language}


def test_german_does_not_leak_into_english_answers_out_of_memory(server: Server) -> None:
    for headers in (GERMAN, ENGLISH, GERMAN, {}, ENGLISH, GERMAN):
        expected = "de" if headers == GERMAN else "en"
        assert spoken(server.data(QUERY, VARIABLES, headers)) == {expected}


def test_two_languages_at_once_are_kept_apart(server: Server) -> None:
    headers = [GERMAN, ENGLISH, GERMAN, NO_HEADERS]

    answers = server.together(QUERY, [(VARIABLES, each) for each in headers])

    assert [spoken(answer.data) for answer in answers] == [{"de"}, {"en"}, {"de"}, {"en"}]


def test_ids_and_cursors_are_the_same_in_every_language(server: Server) -> None:
    query = """
        query ($accounts: [AccountInput!]!) {
          user(accounts: $accounts) {
            trophyTitles { edges { cursor node { id } } }
            achievements { edges { cursor node { id definitionId } } }
          }
        }
    """

    assert server.data(query, VARIABLES, GERMAN) == server.data(query, VARIABLES, ENGLISH)


def test_what_was_earned_is_not_asked_for_again_in_another_language(server: Server) -> None:
    query = """
        query ($accounts: [AccountInput!]!) {
          user(accounts: $accounts) {
            trophyTitle(nativeId: "NPWR00001_00") { achievements { earned } }
          }
        }
    """
    server.data(query, VARIABLES, ENGLISH)

    assert server.ask(query, VARIABLES, GERMAN).calls == {"PSN": 1}  # the list with its names
