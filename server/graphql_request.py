"""A GraphQL request out of an HTTP one, and the JSON of an answer; strict in what is accepted."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from providers.kit.request_context import Operation
from server.content_negotiation import JSON_TYPE
from server.request_error import Refused

NOTHING_ASKED: dict[str, Any] = {"calls": {}, "cached": 0, "coalesced": 0}


@dataclass(frozen=True)
class GraphQLRequest:
    """The members of a GraphQL request."""

    query: str | None
    operation_name: str | None = None
    variables: dict[str, Any] | None = None
    extensions: dict[str, Any] = field(default_factory=dict[str, Any])


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
