"""Texts from outside."""

import pytest

from providers.kit.text import MAX_URL_LENGTH, SHARED_TEXTS, sanitize_url, unwrap_pasted


@pytest.mark.parametrize(
    "text",
    [
        "the key",
        "  the key\r\n",
        '"the key"',
        "'the key'",
        "`the key`",
        "\u201cthe key\u201d",
        "\u201ethe key\u201c",
        "\u2018the key\u2019",
        '\ufeff" the key\u00a0"\n',
        "\u200bthe key\u2060",
        "'\"the key\"'",
    ],
)
def test_a_pasted_value_is_freed_of_what_surrounds_it(text: str) -> None:
    assert unwrap_pasted(text) == "the key"


@pytest.mark.parametrize("text", ["", "the \"key\" and 'more'", "\"the key'", '"the key', '"'])
def test_what_belongs_to_a_value_stays(text: str) -> None:
    assert unwrap_pasted(text) == text


def test_an_empty_pair_of_quotes_is_empty() -> None:
    assert unwrap_pasted("''") == unwrap_pasted(' " " ') == ""


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://image.example/a/b.png?w=1#x", "https://image.example/a/b.png?w=1#x"),
        ("http://image.example", "https://image.example"),
        ("http://image.example:8080/a@b", "https://image.example:8080/a@b"),
        ("HTTP://image.example/", "https://image.example/"),
        (" http://image.example/\u00fc ", "https://image.example/\u00fc"),
        ("https://bild.\u00fc.example/a b", "https://bild.\u00fc.example/a b"),
        ("https://[::1]/", "https://[::1]/"),
    ],
)
def test_the_url_of_an_upstream_is_shown_as_https(url: str, shown: str) -> None:
    assert sanitize_url(url) == shown


@pytest.mark.parametrize(
    "url",
    [
        None,
        5,
        "",
        " ",
        "/a.png",
        "//image.example/a.png",
        "ftp://image.example/",
        "javascript:alert(1)",
        "https://",
        "https:///a",
        "https://user@image.example/",
        "https://user:word@image.example/",
        "https://image.example/\n",
        "https://image.example/\x7f",
        "https://image.example/\ud800",
        "https://[image.example/",
        "https://image.example/".ljust(MAX_URL_LENGTH + 1, "a"),
    ],
)
def test_a_url_that_leads_elsewhere_is_not_shown(url: object) -> None:
    assert sanitize_url(url) is None


def test_equal_short_texts_are_shared_and_long_ones_are_not_kept() -> None:
    short, equal = (b"default".decode() for _ in range(2))
    assert short is not equal
    assert SHARED_TEXTS[short] is SHARED_TEXTS[equal]
    long, equal_long = (b"default default default".decode() for _ in range(2))
    assert SHARED_TEXTS[long] is long
    assert SHARED_TEXTS[equal_long] is equal_long
