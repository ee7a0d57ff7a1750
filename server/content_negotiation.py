"""Content negotiation (RFC 9110, section 12): media type and language of the response."""

import re

from server.request_error import RequestRejected

JSON_TYPE = "application/json"
GRAPHQL_TYPE = "application/graphql-response+json"
HTML_TYPE = "text/html"
EXACT_MATCH = 2
LANGUAGE_TAG = re.compile(r"[a-z]{2}-[A-Z]{2}|[a-z]{2}")
LANGUAGE_RANGE = re.compile(
    r"(\*|[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*)(\s*;\s*q=(0(\.\d{0,3})?|1(\.0{0,3})?))?"
)


def negotiate(accept: str | None) -> str:
    """Return the media type of the response; 406 if the client accepts neither."""
    if not accept or not accept.strip():
        return JSON_TYPE
    best = max((JSON_TYPE, GRAPHQL_TYPE), key=lambda offered: _rank_media_type(offered, accept))
    if not _rank_media_type(best, accept)[0]:
        raise RequestRejected(406, f"Accept must allow {GRAPHQL_TYPE} or {JSON_TYPE}.")
    return best


def prefers_html(accept: str | None) -> bool:
    """Return whether a browser requests a page: HTML is named, and preferred to JSON."""
    html_quality, specificity, _ = _rank_media_type(HTML_TYPE, accept or "")
    json_quality = max(
        _rank_media_type(offered, accept or "")[0] for offered in (JSON_TYPE, GRAPHQL_TYPE)
    )
    return specificity == EXACT_MATCH and html_quality > 0 and html_quality >= json_quality


def parse_accept_language(header: str | None) -> str | None:
    """Return the preferred language that upstreams may support, as `de` or `de-DE`.

    None without a header, and for a header that names no such language.
    """
    if not header or not header.strip():
        return None
    candidates: list[tuple[float, str]] = []
    for part in header.split(","):
        match = LANGUAGE_RANGE.fullmatch(part.strip())
        if match is None:
            message = "Accept-Language must be a list of languages, such as de-DE, en;q=0.8."
            raise RequestRejected(400, message, argument="Accept-Language")
        name, quality = _normalize_language(match.group(1)), float(match.group(4) or 1)
        if quality and LANGUAGE_TAG.fullmatch(name):
            candidates.append((-quality, name))
    return min(candidates, key=lambda pair: pair[0])[1] if candidates else None


def _rank_media_type(media_type: str, accept: str) -> tuple[float, int, int]:
    """Return quality, specificity and position of the range that matches a media type best.

    The most specific range counts, and of several equal ones the first.
    """
    ranges = ("*/*", media_type.partition("/")[0] + "/*", media_type)
    closest = (-1, 0, 0.0)
    for position, part in enumerate(accept.lower().split(",")):
        name, _, parameters = part.partition(";")
        if name.strip() in ranges:
            closest = max(
                closest, (ranges.index(name.strip()), -position, _parse_quality(parameters))
            )
    specificity, position, quality = closest
    return quality, specificity, position


def _parse_quality(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name == "q":
            try:
                return max(0.0, min(1.0, float(value)))
            except ValueError:
                return 0.0
    return 1.0


def _normalize_language(name: str) -> str:
    primary, _, region = name.partition("-")
    return f"{primary.lower()}-{region.upper()}" if region else primary.lower()
