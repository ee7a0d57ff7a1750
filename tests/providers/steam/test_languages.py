"""Steam's own names of languages."""

import time
from contextvars import copy_context

import pytest

from providers.kit.request_context import RequestContext, set_current
from providers.steam.languages import STEAM_NAMES, get_language_name


@pytest.mark.parametrize(
    ("languages", "name"),
    [
        ((), "english"),
        (("en-GB",), "english"),
        (("de-AT",), "german"),
        (("zh-TW",), "tchinese"),
        (("zh-CN",), "schinese"),
        (("zh-Hant-HK",), "tchinese"),
        (("ko-KR",), "koreana"),
        (("pt-BR",), "brazilian"),
        (("pt-PT",), "portuguese"),
        (("es-MX",), "latam"),
        (("es",), "spanish"),
        (("nb-NO",), "norwegian"),
        (("tlh", "fr-CH"), "french"),
        (("tlh",), "english"),
    ],
)
def test_the_closest_language_is_requested_by_its_name(
    languages: tuple[str, ...], name: str
) -> None:
    context = copy_context()
    context.run(set_current, RequestContext(time.monotonic() + 10, languages))

    assert context.run(get_language_name) == name


def test_every_name_is_of_one_language() -> None:
    assert len(set(STEAM_NAMES.values())) == len(STEAM_NAMES) == 30
