"""Content negotiation (RFC 9110, section 12): media type and languages of the response.

A header that does not follow its grammar is read as far as it can be: clients and proxies send many
variants, and none of them is a reason to refuse a request.
"""

import math
from collections.abc import Iterator
from functools import lru_cache

from providers.kit.language import parse_language_tag
from server.request_error import RequestRejected

JSON_TYPE = "application/json"
GRAPHQL_TYPE = "application/graphql-response+json"
EVENT_STREAM_TYPE = "text/event-stream"
HTML_TYPE = "text/html"
ANY_TYPE = "*/*"
EXACT_MATCH = 2
# More than any browser sends.
MAX_LANGUAGES = 16
CACHED_HEADERS = 128  # a server's clients are of a few kinds


@lru_cache(CACHED_HEADERS)
def negotiate(accept: str | None) -> str:
    """Return the media type of the response; 406 if the client accepts none that is offered.

    A stream of events is only for a client that names it.
    """
    if not any(_parse_members(accept)):
        return JSON_TYPE
    offered = (JSON_TYPE, GRAPHQL_TYPE)
    if accepts_event_stream(accept):
        offered = (*offered, EVENT_STREAM_TYPE)
    best = max(offered, key=lambda media_type: _rank_media_type(media_type, accept))
    if not _rank_media_type(best, accept)[0]:
        raise RequestRejected(406, f"Accept must allow {GRAPHQL_TYPE} or {JSON_TYPE}.")
    return best


@lru_cache(CACHED_HEADERS)
def accepts_event_stream(accept: str | None) -> bool:
    """Return whether the client names `text/event-stream` as a type that it accepts."""
    quality, specificity, _ = _rank_media_type(EVENT_STREAM_TYPE, accept)
    return specificity == EXACT_MATCH and quality > 0


@lru_cache(CACHED_HEADERS)
def prefers_html(accept: str | None) -> bool:
    """Return whether a browser requests a page: HTML is named, and preferred to JSON."""
    html_quality, specificity, _ = _rank_media_type(HTML_TYPE, accept)
    json_quality = max(
        _rank_media_type(offered, accept)[0] for offered in (JSON_TYPE, GRAPHQL_TYPE)
    )
    return specificity == EXACT_MATCH and html_quality > 0 and html_quality >= json_quality


@lru_cache(CACHED_HEADERS)
def parse_accept_language(header: str | None) -> tuple[str, ...]:
    """Return the accepted languages, the preferred one first; those of equal quality in order."""
    members = [
        (quality, tag)
        for name, quality in _split_members(header)
        if (tag := parse_language_tag(name)) is not None and quality > 0
    ]
    members.sort(key=lambda member: -member[0])
    return tuple(dict.fromkeys(tag for _, tag in members))[:MAX_LANGUAGES]


def _rank_media_type(media_type: str, accept: str | None) -> tuple[float, int, int]:
    """Return quality, specificity and position of the range that matches a media type best.

    The most specific range counts, and of several equal ones the first.
    """
    ranges = (ANY_TYPE, media_type.partition("/")[0] + "/*", media_type)
    closest = (-1, 0, 0.0)
    for position, (name, quality) in enumerate(_parse_members(accept)):
        if name in ranges:
            closest = max(closest, (ranges.index(name), -position, quality))
    specificity, position, quality = closest
    return quality, specificity, position


def _parse_members(accept: str | None) -> Iterator[tuple[str, float]]:
    """Yield the media ranges and their qualities; Java's HTTP client sends `*` for any type."""
    for name, quality in _split_members(accept):
        if name == "*" or "/" in name:
            yield (ANY_TYPE if name == "*" else name.lower()), quality


def _split_members(header: str | None) -> Iterator[tuple[str, float]]:
    for member in (header or "").split(","):
        name, *parameters = member.split(";")
        yield name.strip(), _parse_quality(parameters)


def _parse_quality(parameters: list[str]) -> float:
    """Return `q`, from 0 to 1; what cannot be read as a number is as if it were left out."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                quality = float(value)
            except ValueError:
                return 1.0
            return 1.0 if math.isnan(quality) else max(0.0, min(1.0, quality))
    return 1.0
