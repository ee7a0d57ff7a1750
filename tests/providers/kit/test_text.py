"""Texts from outside."""

import pytest

from providers.kit.text import unwrap_pasted


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
