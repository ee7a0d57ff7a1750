"""Headers that say which media types and languages a client accepts, however they are written."""

import pytest

from server.content_negotiation import (
    GRAPHQL_TYPE,
    JSON_TYPE,
    MAX_LANGUAGES,
    negotiate,
    parse_accept_language,
    prefers_html,
)
from server.request_error import RequestRejected


@pytest.mark.parametrize(
    ("header", "languages"),
    [
        (None, ()),
        ("", ()),
        (" , ", ()),
        ("*", ()),
        ("undefined", ()),
        ("en_US", ("en-US",)),
        ("es-ES_tradnl", ("es-ES",)),
        ("fr-FR.UTF-8", ("fr-FR",)),
        ("en-US,", ("en-US",)),
        ("en-US,,de", ("en-US", "de")),
        ("en;Q=0.5", ("en",)),
        ("en;q=0.5,de-DE;Q=.8", ("de-DE", "en")),
        ("en-US;q=0.9,-BE;q=0.4", ("en-US",)),
        ("en-US,en;q=0,9", ("en-US",)),
        ("en , de ; q = 0.9", ("en", "de")),
        ("de;q=nonsense, en;q=0.9", ("de", "en")),
        ("de;q=, en", ("de", "en")),
        ("de;q=nan, en", ("de", "en")),
        ("de;q=7, en", ("de", "en")),
        ("de;q=-1, en", ("en",)),
        ("de;q=0, de-AT;q=0.000, en;q=0.001", ("en",)),
        ("de;level=1;q=0.1, en;q=0.2", ("en", "de")),
        ("de, en, DE", ("de", "en")),
        ("en-US, *;q=0.5", ("en-US",)),
        ("english please, de", ("de",)),
        ("zh-hant-tw;q=0.8, zh_HK", ("zh-HK", "zh-Hant-TW")),
    ],
)
def test_accept_language_is_read_as_far_as_it_can_be(
    header: str | None, languages: tuple[str, ...]
) -> None:
    assert parse_accept_language(header) == languages


def test_the_number_of_languages_is_limited() -> None:
    header = ",".join(f"a{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")

    assert len(parse_accept_language(header)) == MAX_LANGUAGES


@pytest.mark.parametrize(
    ("header", "media_type"),
    [
        (None, JSON_TYPE),
        ("*", JSON_TYPE),
        ("*;q=0.2", JSON_TYPE),
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", JSON_TYPE),
        (f"*, {GRAPHQL_TYPE}", GRAPHQL_TYPE),
        (f"*;q=.1, {GRAPHQL_TYPE}", GRAPHQL_TYPE),
        (",", JSON_TYPE),
        ("json", JSON_TYPE),
        ("undefined", JSON_TYPE),
        (";q=1", JSON_TYPE),
        ("APPLICATION/JSON", JSON_TYPE),
        (f"{GRAPHQL_TYPE};charset=utf-8;", GRAPHQL_TYPE),
        (f"{JSON_TYPE};q=0.5, {GRAPHQL_TYPE};Q=0.9", GRAPHQL_TYPE),
        (f"{JSON_TYPE};q=high", JSON_TYPE),
        (f"nonsense, {GRAPHQL_TYPE}", GRAPHQL_TYPE),
    ],
)
def test_accept_is_read_as_far_as_it_can_be(header: str | None, media_type: str) -> None:
    assert negotiate(header) == media_type


@pytest.mark.parametrize("header", ["image/png", "image/png, nonsense", "*;q=0", "text/*"])
def test_a_client_that_accepts_something_else_alone_is_told(header: str) -> None:
    with pytest.raises(RequestRejected) as caught:
        negotiate(header)
    assert caught.value.status == 406


@pytest.mark.parametrize(
    ("header", "expected"),
    [("text/html, *", True), ("*", False), ("text/html;q=0.1, *", False), (None, False)],
)
def test_a_page_is_preferred_only_by_name(header: str | None, expected: bool) -> None:
    assert prefers_html(header) is expected
