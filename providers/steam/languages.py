"""The languages of Steam's texts: tags, and the names by which Steam knows them."""

from collections.abc import Mapping

from providers.kit.language import negotiate_language
from providers.kit.request_context import get_current

STEAM_NAMES: Mapping[str, str] = {
    "en-US": "english",
    "ar": "arabic",
    "bg": "bulgarian",
    "zh-Hans": "schinese",
    "zh-Hant": "tchinese",
    "cs": "czech",
    "da": "danish",
    "nl": "dutch",
    "fi": "finnish",
    "fr": "french",
    "de": "german",
    "el": "greek",
    "hu": "hungarian",
    "id": "indonesian",
    "it": "italian",
    "ja": "japanese",
    "ko": "koreana",
    "no": "norwegian",
    "pl": "polish",
    "pt-PT": "portuguese",
    "pt-BR": "brazilian",
    "ro": "romanian",
    "ru": "russian",
    "es-ES": "spanish",
    "es-419": "latam",
    "sv": "swedish",
    "th": "thai",
    "tr": "turkish",
    "uk": "ukrainian",
    "vi": "vietnamese",
}
LANGUAGES = tuple(STEAM_NAMES)
DEFAULT_NAME = "english"


def get_language_name() -> str:
    """Return Steam's name for the language of the request; English for one that it lacks."""
    tag = negotiate_language(get_current().languages, LANGUAGES)
    return STEAM_NAMES.get(tag, DEFAULT_NAME)
