"""Language tags (BCP 47), and the one of a source's languages that suits a request best."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import langcodes

# Definitions are cached for all viewers, so the language of a request that names none cannot be
# that of the request that happened to load them.
DEFAULT_LANGUAGE = "en-US"
# CLDR's distance of two varieties of one language, which readers of one understand, is at most 5.
MAX_DISTANCE = 9
# Languages that sources have under another tag, although they are no aliases of it in CLDR.
BROADER_LANGUAGES = {"nb": "no", "nn": "no", "yue": "zh-Hant"}
NO_LANGUAGES = frozenset({"und", "mul", "mis", "zxx"})
# A tag up to its region. What follows, such as a variant or the encoding of a locale's name, makes
# no difference to any source.
TAG = re.compile(
    r"(?P<language>[A-Za-z]{2,3})(?:-[A-Za-z]{3}){0,3}(?:-(?P<script>[A-Za-z]{4}))?"
    r"(?:-(?P<region>[A-Za-z]{2}|[0-9]{3}))?(?![A-Za-z0-9])"
)

Subtags = tuple[str, str, str]


def parse_language_tag(text: str) -> str | None:
    """Return the tag in its usual spelling, such as `zh-Hant-TW`; None for what is no language.

    The names of locales, such as `zh_TW.UTF-8`, are read as well.
    """
    found = TAG.match(text.replace("_", "-"))
    if found is None or found["language"].lower() in NO_LANGUAGES:
        return None
    script, region = found["script"] or "", found["region"] or ""
    return _join(found["language"].lower(), script.title(), region.upper())


@lru_cache(maxsize=1024)
def negotiate_language(preferred: tuple[str, ...], supported: tuple[str, ...]) -> str:
    """Return the supported tag that suits the first of the preferred ones that any suits.

    If none does, return the most preferred tag as it is: the source may know more languages than
    this server knows of, and has its own default for others. Without any, return English.
    """
    for tag in preferred:
        match = _find_supported(tag, supported)
        if match is not None:
            return match
    return preferred[0] if preferred else DEFAULT_LANGUAGE


@lru_cache(maxsize=128)
def select_supported(preferred: tuple[str, ...], supported: tuple[str, ...]) -> tuple[str, ...]:
    """Return the supported tags that suit the preferred ones, in their order; none for others."""
    found = (_find_supported(tag, supported) for tag in preferred)
    return tuple(dict.fromkeys(tag for tag in found if tag is not None))


def _find_supported(tag: str, supported: tuple[str, ...]) -> str | None:
    return tag if tag in supported else _find_closest(tag, supported)


def _find_closest(tag: str, supported: tuple[str, ...]) -> str | None:
    language, script, region = _split(tag)
    # Subtags that make no difference are left out, also because `langcodes` caches every tag that
    # it is given forever, and anyone can send any.
    language = langcodes.standardize_tag(language, macro=True)
    language, broader_script, _ = _split(BROADER_LANGUAGES.get(language, language))
    script = script or broader_script
    varieties = _group_by_language(supported).get(language)
    if varieties is None or (script and varieties.scripts and script not in varieties.scripts):
        return None
    if varieties.is_one:
        return varieties.tags[0]
    wanted = _join(language, script if varieties.scripts else "", region)
    match, distance = langcodes.closest_match(wanted, varieties.tags)
    return match if distance <= MAX_DISTANCE else None


@dataclass
class _Varieties:
    """The tags of one language."""

    tags: list[str] = field(default_factory=list[str])
    scripts: set[str] = field(default_factory=set[str])
    regions: set[str] = field(default_factory=set[str])

    @property
    def is_one(self) -> bool:
        return len(self.regions) <= 1 and not self.scripts


@lru_cache
def _group_by_language(supported: tuple[str, ...]) -> Mapping[str, _Varieties]:
    groups: dict[str, _Varieties] = defaultdict(_Varieties)
    for tag in supported:
        language, script, region = _split(tag)
        groups[language].tags.append(tag)
        groups[language].scripts |= {script} - {""}
        groups[language].regions |= {region} - {""}
    return dict(groups)


def _split(tag: str) -> Subtags:
    found = TAG.match(tag)
    if found is None:
        return "", "", ""
    return found["language"], found["script"] or "", found["region"] or ""


def _join(*subtags: str) -> str:
    return "-".join(filter(None, subtags))
