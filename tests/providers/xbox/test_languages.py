"""Xbox's own locales."""

import time
from contextvars import copy_context

import pytest

from providers.kit.request_context import RequestContext, set_current
from providers.xbox.languages import LOCALES, get_locale


@pytest.mark.parametrize(
    ("languages", "locale"),
    [
        ((), "en-US"),
        (("en-GB",), "en-GB"),
        (("de-AT",), "de-DE"),
        (("zh-TW",), "zh-TW"),
        (("zh-Hant-HK",), "zh-TW"),
        (("zh-CN",), "zh-CN"),
        (("pt-BR",), "pt-BR"),
        (("es-AR",), "es-MX"),
        (("es",), "es-ES"),
        (("nb",), "nb-NO"),
        (("fr-CA",), "fr-CA"),
        (("tlh", "it-CH"), "it-IT"),
        (("tlh",), "en-US"),
    ],
)
def test_the_closest_locale_is_requested(languages: tuple[str, ...], locale: str) -> None:
    context = copy_context()
    context.run(set_current, RequestContext(time.monotonic() + 10, languages))

    assert context.run(get_locale) == locale


def test_every_locale_is_of_one_language() -> None:
    assert len(set(LOCALES.values())) == len(LOCALES)
