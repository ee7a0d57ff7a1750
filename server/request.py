"""A GraphQL request out of an HTTP one, and the JSON of an answer; strict in what is accepted."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from providers.kit.operation import Operation

JSON_TYPE = "application/json"
GRAPHQL_TYPE = "application/graphql-response+json"
HTML_TYPE = "text/html"
NAMED = 2
UNAUTHORIZED = 401
NOTHING_ASKED: dict[str, Any] = {"calls": {}, "cached": 0, "coalesced": 0}
LANGUAGE = re.compile(r"[a-z]{2}-[A-Z]{2}|[a-z]{2}")
RANGE = re.compile(
    r"(\*|[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*)(\s*;\s*q=(0(\.\d{0,3})?|1(\.0{0,3})?))?"
)


class Refused(Exception):
    """A request that is answered without running anything of it."""

    def __init__(
        self, status: int, message: str, code: str = "BAD_USER_INPUT", **extensions: Any
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.extensions = {"code": code, **extensions}
        self.headers = {"WWW-Authenticate": "Bearer"} if status == UNAUTHORIZED else {}


@dataclass(frozen=True)
class GraphQLRequest:
    """The members of a GraphQL request."""

    query: str | None
    operation_name: str | None = None
    variables: dict[str, Any] | None = None
    extensions: dict[str, Any] = field(default_factory=dict[str, Any])


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


def posted(content_type: str | None, body: bytes) -> GraphQLRequest:
    """A request sent by POST: JSON and nothing else."""
    sent = _json(content_type, body)
    if isinstance(sent, list):
        raise Refused(400, "An array of operations is not accepted; send them one by one.")
    return _request(_object(sent))


def members(content_type: str | None, body: bytes) -> dict[str, Any]:
    """The members of a JSON object that is no request of the graph."""
    return _object(_json(content_type, body))


def asked(items: Iterable[tuple[str, str]]) -> GraphQLRequest:
    """A request sent by GET."""
    members: dict[str, Any] = {}
    for name, value in items:
        if name in members:
            raise Refused(400, f"{name} is there twice.")
        members[name] = value
    for name in ("variables", "extensions"):
        if name in members:
            members[name] = parsed(members[name].encode(errors="surrogatepass"), name)
    return _request(members)


def parsed(text: bytes, what: str) -> Any:
    """Strict JSON of bounded depth."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError):
        raise Refused(400, f"{what} is not valid JSON.") from None


def check_origin(headers: Mapping[str, str], allowed: Collection[str]) -> None:
    """Browsers say where a request comes from; another site's page gets no answer."""
    if headers.get("sec-fetch-site") not in ("cross-site", "same-site"):
        return
    if headers.get("origin") not in allowed:
        raise Refused(403, "Requests from other sites' pages are refused.", "FORBIDDEN")


def answer(
    members: Mapping[str, Any],
    media_type: str = JSON_TYPE,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A JSON answer that no cache keeps."""
    charset = f"{media_type}; charset=utf-8"
    kept = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **(headers or {})}
    return Response(msgspec.json.encode(members), status, {"Content-Type": charset, **kept})


def refusal(
    refused: Refused, media_type: str = JSON_TYPE, spent: Operation | None = None
) -> Response:
    """The answer to a request that was not run, or of which nothing came."""
    error = {"message": refused.message, "extensions": refused.extensions}
    upstream = spent.summary() if spent else NOTHING_ASKED
    members = {"errors": [error], "extensions": {"upstream": upstream}}
    return answer(members, media_type, refused.status, refused.headers)


def asked_of(request: Request, body: bytes) -> GraphQLRequest:
    """What an HTTP request asks."""
    if request.method == "GET":
        return asked(request.query_params.multi_items())
    return posted(request.headers.get("content-type"), body)


def _json(content_type: str | None, body: bytes) -> Any:
    name, _, parameters = (content_type or "").partition(";")
    charset = parameters.lower().replace(" ", "").replace('"', "")
    if name.strip().lower() != JSON_TYPE or charset not in ("", "charset=utf-8", "charset=utf8"):
        raise Refused(415, f"Content-Type has to be {JSON_TYPE}.")
    return parsed(body, "The body")


def _object(sent: Any) -> dict[str, Any]:
    if not isinstance(sent, dict):
        raise Refused(400, "The body has to be a JSON object.")
    return cast("dict[str, Any]", sent)


def _request(members: dict[str, Any]) -> GraphQLRequest:
    query = members.get("query")
    name = members.get("operationName")
    variables = members.get("variables")
    extensions = members.get("extensions")
    if not isinstance(query, str | None):
        raise Refused(400, "query has to be a string.", argument="query")
    if not isinstance(name, str | None):
        raise Refused(400, "operationName has to be a string.", argument="operationName")
    if not isinstance(variables, dict | None):
        raise Refused(400, "variables has to be an object.", argument="variables")
    if not isinstance(extensions, dict | None):
        raise Refused(400, "extensions has to be an object.", argument="extensions")
    return GraphQLRequest(
        query,
        name or None,
        cast("dict[str, Any] | None", variables),
        cast("dict[str, Any]", extensions or {}),
    )


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
