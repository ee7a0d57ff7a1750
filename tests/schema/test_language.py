"""Texts come in the requested language, and never in that of another request."""

from typing import Any

import pytest

from tests.harness import NO_CALLS, NO_HEADERS, PSN_VEGA, RunningServer

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


def find_languages(data: Any) -> set[str]:
    """Return the languages of all names that differ between the two."""
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


@pytest.mark.slow
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
def test_the_preferred_language_is_used(
    server: RunningServer, header: str | None, language: str
) -> None:
    headers = {} if header is None else {"Accept-Language": header}

    assert find_languages(server.fetch_data(QUERY, VARIABLES, headers)) == {language}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("header", "tag"),
    [
        ("zh-Hant", "zh-Hant"),
        ("zh-TW", "zh-Hant"),
        ("zh_HK", "zh-Hant"),
        ("zh-Hans-SG", "zh-Hans"),
        ("zh-CN,zh;q=0.9", "zh-Hans"),
        ("es-MX,es;q=0.8", "es-419"),
        ("pt-br", "pt-BR"),
        ("fr-CA, fr;q=0.5", "fr-CA"),
        ("ca, sr-Latn-RS;q=0.9, de-AT;q=0.8", "de-DE"),
        ("undefined", "en-US"),
    ],
)
def test_psn_is_called_with_a_tag_that_it_knows(
    server: RunningServer, header: str, tag: str
) -> None:
    server.fetch_data(QUERY, VARIABLES, {"Accept-Language": header})

    sent = [
        request.headers["accept-language"]
        for request in server.psn.log
        if "/oauth/" not in request.url.path
    ]
    assert set(sent) == {tag}


def test_tags_of_one_language_share_their_cached_texts(server: RunningServer) -> None:
    server.fetch_data(QUERY, VARIABLES, {"Accept-Language": "zh-TW"})

    for header in ("zh-Hant", "zh_HK.UTF-8", "yue"):
        answer = server.execute(QUERY, VARIABLES, {"Accept-Language": header})
        assert answer.upstream_calls == {}


@pytest.mark.slow
def test_cached_german_texts_do_not_leak_into_english_responses(server: RunningServer) -> None:
    for headers in (GERMAN, ENGLISH, GERMAN, {}, ENGLISH, GERMAN):
        expected = "de" if headers == GERMAN else "en"
        assert find_languages(server.fetch_data(QUERY, VARIABLES, headers)) == {expected}


@pytest.mark.slow
def test_two_concurrent_languages_are_separate(server: RunningServer) -> None:
    headers = [GERMAN, ENGLISH, GERMAN, NO_HEADERS]

    answers = server.execute_concurrently(QUERY, [(VARIABLES, each) for each in headers])

    assert [find_languages(answer.data) for answer in answers] == [{"de"}, {"en"}, {"de"}, {"en"}]


@pytest.mark.slow
def test_ids_and_cursors_are_the_same_in_every_language(server: RunningServer) -> None:
    query = """
        query ($accounts: [AccountInput!]!) {
          user(accounts: $accounts) {
            trophyTitles { edges { cursor node { id } } }
            achievements { edges { cursor node { id definitionId } } }
          }
        }
    """

    assert server.fetch_data(query, VARIABLES, GERMAN) == server.fetch_data(
        query, VARIABLES, ENGLISH
    )


def test_earned_trophies_are_not_loaded_again_in_another_language(server: RunningServer) -> None:
    query = """
        query ($accounts: [AccountInput!]!) {
          user(accounts: $accounts) {
            trophyTitle(nativeId: "NPWR00001_00") { achievements { earned } }
          }
        }
    """
    server.fetch_data(query, VARIABLES, ENGLISH)

    assert server.execute(query, VARIABLES, GERMAN).upstream_calls == NO_CALLS


@pytest.mark.slow
@pytest.mark.parametrize(
    "language",
    ["!", "de_DE", "en,,fr", "english please", "de-DE;q=2", "de;q=", "*;", "d\u00e9", "x" * 300],
)
def test_no_language_header_rejects_a_request(server: RunningServer, language: str) -> None:
    headers: Any = {"Accept-Language": language.encode()}

    answer = server.execute(QUERY, VARIABLES, headers)

    assert answer.status == 200
    assert answer.data["user"]
