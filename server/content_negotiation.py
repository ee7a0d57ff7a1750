"""Content negotiation: the media type of the answer, and its language (RFC 9110, 12)."""

import re

from server.request_error import Refused

JSON_TYPE = "application/json"
GRAPHQL_TYPE = "application/graphql-response+json"
HTML_TYPE = "text/html"
NAMED = 2
LANGUAGE = re.compile(r"[a-z]{2}-[A-Z]{2}|[a-z]{2}")
RANGE = re.compile(
    r"(\*|[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*)(\s*;\s*q=(0(\.\d{0,3})?|1(\.0{0,3})?))?"
)


def negotiated(accept: str | None) -> str:
    """The media type of the answer; 406 when the client takes none that we have."""
    if not accept or not accept.strip():
        return JSON_TYPE
    best = max((JSON_TYPE, GRAPHQL_TYPE), key=lambda offered: _wanted(offered, accept))
    if not _wanted(best, accept)[0]:
        raise Refused(406, f"Accept {GRAPHQL_TYPE} or {JSON_TYPE}.")
    return best


def prefers_html(accept: str | None) -> bool:
    """Whether a browser asks for a page."""
    html, closeness, _ = _wanted(HTML_TYPE, accept or "")
    data = max(_wanted(offered, accept or "")[0] for offered in (JSON_TYPE, GRAPHQL_TYPE))
    return closeness == NAMED and html > 0 and html >= data


def language(header: str | None) -> str | None:
    """The first language asked for that the upstreams could know, as `de-DE`; none is fine."""
    if not header or not header.strip():
        return None
    chosen: list[tuple[float, str]] = []
    for part in header.split(","):
        match = RANGE.fullmatch(part.strip())
        if match is None:
            message = "Accept-Language: not a list of languages such as de-DE, en;q=0.8."
            raise Refused(400, message, argument="Accept-Language")
        name, quality = _spelled(match.group(1)), float(match.group(4) or 1)
        if quality and LANGUAGE.fullmatch(name):
            chosen.append((-quality, name))
    return min(chosen, key=lambda pair: pair[0])[1] if chosen else None


def _wanted(offered: str, accept: str) -> tuple[float, int, int]:
    """How much a media type is wanted, by the closest range, the first of several: RFC 9110."""
    ranges = ("*/*", offered.partition("/")[0] + "/*", offered)
    closest = (-1, 0, 0.0)
    for place, part in enumerate(accept.lower().split(",")):
        name, _, parameters = part.partition(";")
        if name.strip() in ranges:
            closest = max(closest, (ranges.index(name.strip()), -place, _quality(parameters)))
    closeness, place, quality = closest
    return quality, closeness, place


def _quality(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name == "q":
            try:
                return max(0.0, min(1.0, float(value)))
            except ValueError:
                return 0.0
    return 1.0


def _spelled(name: str) -> str:
    primary, _, region = name.partition("-")
    return f"{primary.lower()}-{region.upper()}" if region else primary.lower()
