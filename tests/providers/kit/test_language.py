"""Language tags, and which of a source's languages suits a request."""

import pytest

from providers.kit.language import (
    DEFAULT_LANGUAGE,
    negotiate_language,
    parse_language_tag,
    select_supported,
)
from providers.psn.languages import LANGUAGES


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("de", "de"),
        ("DE-de", "de-DE"),
        ("zh-hant", "zh-Hant"),
        ("ZH-HANS-cn", "zh-Hans-CN"),
        ("es-419", "es-419"),
        ("sr-Latn-RS", "sr-Latn-RS"),
        ("fil", "fil"),
        ("en_US", "en-US"),
        ("zh_Hant_TW", "zh-Hant-TW"),
        ("fr_FR.UTF-8", "fr-FR"),
        ("sr_RS@latin", "sr-RS"),
        ("es-ES_tradnl", "es-ES"),
        ("de-DE-u-co-phonebk", "de-DE"),
        ("sl-IT-nedis", "sl-IT"),
        ("zh-yue-HK", "zh-HK"),
        ("en-", "en"),
        ("en-US-", "en-US"),
    ],
)
def test_a_tag_is_spelled_as_usual(text: str, tag: str) -> None:
    assert parse_language_tag(text) == tag


@pytest.mark.parametrize(
    "text",
    ["", "*", "-BE", "und", "mul", "C.UTF-8", "POSIX", "x-own", "english", "9", "d\u00e9", "%%%"],
)
def test_what_is_no_language_has_no_tag(text: str) -> None:
    assert parse_language_tag(text) is None


@pytest.mark.parametrize(
    ("preferred", "chosen"),
    [
        ("zh-Hant", "zh-Hant"),
        ("zh-Hant-TW", "zh-Hant"),
        ("zh-Hant-CN", "zh-Hant"),
        ("zh-TW", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
        ("zh-MO", "zh-Hant"),
        ("yue", "zh-Hant"),
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh-SG", "zh-Hans"),
        ("zh-Hans-HK", "zh-Hans"),
        ("cmn-Hans", "zh-Hans"),
        ("es", "es"),
        ("es-ES", "es-ES"),
        ("es-419", "es-419"),
        ("es-MX", "es-419"),
        ("es-AR", "es-419"),
        ("es-Latn-CO", "es-419"),
        ("es-US", "es-419"),
        ("es-GQ", "es-ES"),
        ("pt", "pt-BR"),
        ("pt-BR", "pt-BR"),
        ("pt-PT", "pt-PT"),
        ("pt-AO", "pt-PT"),
        ("fr", "fr"),
        ("fr-CA", "fr-CA"),
        ("fr-BE", "fr-FR"),
        ("en", "en-US"),
        ("en-GB", "en-GB"),
        ("en-AU", "en-GB"),
        ("en-PR", "en-US"),
        ("de", "de"),
        ("de-DE", "de-DE"),
        ("de-AT", "de-DE"),
        ("nb-NO", "no-NO"),
        ("nn", "no-NO"),
        ("in-ID", "id-ID"),
        ("ja-Latn-JP", "ja-JP"),
    ],
)
def test_each_tag_leads_to_one_that_psn_knows(preferred: str, chosen: str) -> None:
    assert negotiate_language((preferred,), LANGUAGES) == chosen


def test_the_first_language_that_the_source_knows_is_chosen() -> None:
    assert negotiate_language(("sr-Latn-RS", "ca", "de-AT", "fr"), LANGUAGES) == "de-DE"


def test_languages_of_another_script_do_not_suit() -> None:
    assert negotiate_language(("zh-Latn", "en"), LANGUAGES) == "en-US"


def test_a_language_that_is_not_listed_is_left_to_the_source() -> None:
    assert negotiate_language(("sr-Latn-RS", "ca"), LANGUAGES) == "sr-Latn-RS"


def test_without_a_language_it_is_english() -> None:
    assert negotiate_language((), LANGUAGES) == DEFAULT_LANGUAGE == "en-US"


def test_of_the_preferred_languages_those_are_selected_that_are_supported() -> None:
    preferred = ("xa-123", "de-AT", "de", "zh-TW", "eo")
    assert select_supported(preferred, LANGUAGES) == ("de-DE", "de", "zh-Hant")
    assert select_supported(("xa-123",), LANGUAGES) == ()
