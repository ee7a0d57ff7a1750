"""GraphQL over HTTP: parsing of requests, and building of JSON responses."""

import codecs
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, cast

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from providers.kit.request_context import RequestContext
from server.content_negotiation import JSON_TYPE
from server.content_type import check_json_body, check_no_other_body
from server.request_error import RequestRejected
from server.response_encoding import encode_response
from server.response_parts import Part, make_response

SECURITY_HEADERS = (
    (b"cache-control", b"private, no-store"),
    (b"x-content-type-options", b"nosniff"),
)
NO_UPSTREAM_CALLS: dict[str, Any] = {"calls": {}, "cached": 0, "coalesced": 0}


class GraphQLRequest(msgspec.Struct, frozen=True):
    """The members of a GraphQL request."""

    query: str | None
    operation_name: str | None = None
    variables: dict[str, Any] | None = None
    extensions: dict[str, Any] = {}


class Members(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """The members of a GraphQL request, which has no others, by their types."""

    query: str | None = None
    operation_name: str | None = None
    variables: dict[str, Any] | None = None
    extensions: dict[str, Any] | None = None


MEMBERS_DECODER = msgspec.json.Decoder(Members)


def parse_post(content_type: str | None, body: bytes) -> GraphQLRequest:
    """Parse a request sent by POST, which must be JSON."""
    check_json_body(content_type)
    try:
        found = MEMBERS_DECODER.decode(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError):
        return _parse_otherwise(content_type, body)
    return GraphQLRequest(
        found.query, found.operation_name or None, found.variables, found.extensions or {}
    )


def _parse_otherwise(content_type: str | None, body: bytes) -> GraphQLRequest:
    """Parse a request that is unusual, as one with a byte order mark, or say what is wrong."""
    value = _decode_body(content_type, body)
    if isinstance(value, list):
        raise RequestRejected(400, "Batches are not supported; send one operation per request.")
    return _build_request(_require_object(value))


def parse_object(content_type: str | None, body: bytes) -> dict[str, Any]:
    """Parse a JSON object that is not a GraphQL request."""
    return _require_object(_decode_body(content_type, body))


def parse_get(items: Iterable[tuple[str, str]]) -> GraphQLRequest:
    """Parse a request sent by GET, from its query parameters."""
    parameters: dict[str, Any] = {}
    for name, value in items:
        if name in parameters:
            raise RequestRejected(400, f"{name} must not be repeated.")
        parameters[name] = value
    # Clients that fill in a template leave the parameters empty that they do not use.
    parameters = {name: value for name, value in parameters.items() if value.strip()}
    for name in ("variables", "extensions"):
        if name in parameters:
            parameters[name] = parse_json(parameters[name].encode(errors="surrogatepass"), name)
    return _build_request(parameters)


def parse_json(text: bytes, name: str) -> Any:
    """Parse strict JSON of bounded depth; `name` is what the error message calls the text."""
    try:
        return msgspec.json.decode(text.removeprefix(codecs.BOM_UTF8))
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError):
        raise RequestRejected(400, f"{name} must be valid JSON.") from None


def check_origin(headers: Mapping[str, str], allowed: Collection[str]) -> None:
    """Reject a request that a browser sends for another site's page, unless that is allowed."""
    if headers.get("sec-fetch-site") not in ("cross-site", "same-site"):
        return
    if headers.get("origin") not in allowed:
        message = "Origin is not allowed; add it to TROPHYCASE_CORS_ORIGINS."
        raise RequestRejected(403, message, "FORBIDDEN")


def build_response(
    payload: Mapping[str, Any],
    media_type: str = JSON_TYPE,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Build a JSON response that no cache stores; raise `TooCostly` if it is over 8 MiB."""
    return build_json_response((encode_response(payload),), media_type, status, headers)


def build_json_response(
    parts: Sequence[Part],
    media_type: str = JSON_TYPE,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Build a response with encoded JSON, in these parts, that no cache stores."""
    response = make_response(parts, status, headers or {})
    response.raw_headers[:0] = (
        (b"content-type", f"{media_type}; charset=utf-8".encode()),
        *SECURITY_HEADERS,
    )
    return response


def build_error_response(
    rejection: RequestRejected,
    media_type: str = JSON_TYPE,
    request_context: RequestContext | None = None,
) -> Response:
    """Build the response to a request that was rejected before execution."""
    error = {"message": rejection.message, "extensions": rejection.extensions}
    upstream = request_context.build_summary() if request_context else NO_UPSTREAM_CALLS
    payload = {"errors": [error], "extensions": {"upstream": upstream}}
    return build_response(payload, media_type, rejection.status, rejection.headers)


def parse_request(request: Request, body: bytes) -> GraphQLRequest:
    """Parse the GraphQL request in an HTTP request with this body."""
    content_type = request.headers.get("content-type")
    if request.method == "GET":
        check_no_other_body(content_type)
        return parse_get(request.query_params.multi_items())
    return parse_post(content_type, body)


def _decode_body(content_type: str | None, body: bytes) -> Any:
    check_json_body(content_type)
    return parse_json(body, "The body")


def _require_object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RequestRejected(400, "The body must be a JSON object.")
    return cast("dict[str, Any]", value)


def _build_request(members: dict[str, Any]) -> GraphQLRequest:
    query = members.get("query")
    name = members.get("operationName")
    variables = members.get("variables")
    extensions = members.get("extensions")
    if not isinstance(query, str | None):
        raise RequestRejected(400, "query must be a string.", argument="query")
    if not isinstance(name, str | None):
        raise RequestRejected(400, "operationName must be a string.", argument="operationName")
    if not isinstance(variables, dict | None):
        raise RequestRejected(400, "variables must be an object.", argument="variables")
    if not isinstance(extensions, dict | None):
        raise RequestRejected(400, "extensions must be an object.", argument="extensions")
    return GraphQLRequest(
        query,
        name or None,
        cast("dict[str, Any] | None", variables),
        cast("dict[str, Any]", extensions or {}),
    )
