"""Response to a GraphQL request of which something was executed, or whose document is invalid."""

from collections.abc import Mapping
from typing import Any

import msgspec
from graphql import ExecutionResult, GraphQLError
from starlette.responses import Response

from providers.errors import ProviderError, TooCostly
from providers.kit.request_context import RequestContext
from schema.errors import format_error
from server.content_encoding import CompressedPart
from server.content_negotiation import JSON_TYPE
from server.graphql_request import build_json_response
from server.observability.operation_log import OperationRecord
from server.request_error import FORBIDDEN, UNAUTHORIZED, RequestRejected, get_error_status
from server.response_encoding import encode_members
from server.response_parts import Part, PartedResponse

GZIP_HEADERS = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
BEFORE_EXTENSIONS = b',"extensions":'
MAX_REQUEST_ERRORS = 5  # of a request of which nothing was executed
MAX_EXECUTION_ERRORS = 1_000  # a list of 10,000 failing entries gets as many, all of them alike


def build_result_response(
    result: ExecutionResult,
    request_context: RequestContext,
    media_type: str,
    record: OperationRecord,
    more_extensions: Mapping[str, Any] | None = None,
) -> Response:
    """Build the response with a result, and record its errors."""
    payload: dict[str, Any] = {}
    extensions: dict[str, Any] = {
        "upstream": request_context.build_summary(),
        **(more_extensions or {}),
    }
    did_run = result.data is not None or _did_run(result.errors)
    if result.errors:
        shown = result.errors[: MAX_EXECUTION_ERRORS if did_run else MAX_REQUEST_ERRORS]
        payload["errors"] = [format_error(error, record.request_id) for error in shown]
        for error in payload["errors"]:
            record.add_error(error["extensions"])
        if did_run and len(shown) < len(result.errors):
            extensions["errorsLeftOut"] = len(result.errors) - len(shown)
    if did_run or not payload:
        payload["data"] = result.data
    try:
        parts = (*encode_members(payload), _encode_end(extensions))
        return build_json_response(parts, media_type, 200 if did_run else _get_status(media_type))
    except TooCostly as error:
        too_costly = make_too_costly_result(error)
        return build_result_response(
            too_costly, request_context, media_type, record, more_extensions
        )


def cut_extensions(response: Response) -> tuple[Part, ...]:
    """Return the encoded members of a response before its extensions."""
    if isinstance(response, PartedResponse):
        return tuple(response.parts[:-1])
    body = bytes(response.body)
    return (body[: body.rindex(BEFORE_EXTENSIONS)],)


def build_stored_response(
    data: tuple[Part, ...] | CompressedPart, request_context: RequestContext, media_type: str
) -> Response:
    """Build the response of which the members before its extensions are stored."""
    end = _encode_end({"upstream": request_context.build_summary()})
    if isinstance(data, CompressedPart):
        return build_json_response((data.complete(end),), media_type, headers=GZIP_HEADERS)
    return build_json_response((*data, end), media_type)


def _encode_end(extensions: Mapping[str, Any]) -> bytes:
    return b"".join((BEFORE_EXTENSIONS, msgspec.json.encode(extensions), b"}"))


def make_too_costly_result(error: TooCostly) -> ExecutionResult:
    """Make the result of an operation that exceeds a limit."""
    return ExecutionResult(None, [GraphQLError(error.message, original_error=error)])


def to_rejection(error: ProviderError, media_type: str) -> RequestRejected:
    """Convert an error raised before execution; only a rejected caller gets a status of its own."""
    status = get_error_status(error)
    if status not in (UNAUTHORIZED, FORBIDDEN):
        status = _get_status(media_type)
    return RequestRejected.from_error(error, status)


def _get_status(media_type: str) -> int:
    # GraphQL over HTTP: with `application/json` a well-formed request gets 200 even if it is
    # invalid, so that a proxy's 400 cannot be taken for a GraphQL response.
    return 200 if media_type == JSON_TYPE else 400


def _did_run(errors: list[GraphQLError] | None) -> bool:
    # Only an error that was raised while a field was executed has a path.
    return any(error.path for error in errors or ())
