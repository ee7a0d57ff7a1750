"""The languages of Xbox's texts: tags, and the locales by which Xbox knows them."""

from collections.abc import Mapping

from providers.kit.language import negotiate_language
from providers.kit.request_context import get_current

LOCALES: Mapping[str, str] = {
    "en-US": "en-US",
    "en-GB": "en-GB",
    "ar": "ar-SA",
    "zh-Hans": "zh-CN",
    "zh-Hant": "zh-TW",
    "cs": "cs-CZ",
    "da": "da-DK",
    "nl": "nl-NL",
    "fi": "fi-FI",
    "fr-FR": "fr-FR",
    "fr-CA": "fr-CA",
    "de": "de-DE",
    "el": "el-GR",
    "he": "he-IL",
    "hu": "hu-HU",
    "it": "it-IT",
    "ja": "ja-JP",
    "ko": "ko-KR",
    "no": "nb-NO",
    "pl": "pl-PL",
    "pt-PT": "pt-PT",
    "pt-BR": "pt-BR",
    "ru": "ru-RU",
    "sk": "sk-SK",
    "es-ES": "es-ES",
    "es-419": "es-MX",
    "sv": "sv-SE",
    "tr": "tr-TR",
}
LANGUAGES = tuple(LOCALES)
DEFAULT_LOCALE = "en-US"


def get_locale() -> str:
    """Return the locale of the request's language; that of English for one that Xbox lacks.

    The upstream answers nothing without one that it knows.
    """
    tag = negotiate_language(get_current().languages, LANGUAGES)
    return LOCALES.get(tag, DEFAULT_LOCALE)
