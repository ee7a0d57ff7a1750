"""Requests that change something on PSN: sent once, and done only if PSN confirms it."""

from typing import TypeVar

from providers.errors import BadResponse, Forbidden, Private
from providers.kit.upstream.retry import build_unconfirmed_error
from providers.kit.upstream.upstream_client import UpstreamResponse
from providers.psn import errors
from providers.psn.api import PsnApi, build_language_header
from providers.psn.urls import SOURCE

T = TypeVar("T")

NOT_ALLOWED_MESSAGE = "PSN does not allow this account to do this."
SERVER_ERROR = 500


async def send_write(
    api: PsnApi,
    url: str,
    rules: errors.ErrorRules,
    *,
    method: str = "POST",
    json: object = None,
    content: bytes | None = None,
    content_type: str | None = None,
) -> UpstreamResponse:
    """Send a change and return the response; raise the error that a refusal means.

    A refused change has not happened. After a status of 500 or more it may have: the request may
    have reached the service behind the one that failed, which raises `OutcomeUnknown`.
    """
    headers = build_language_header()
    if content_type is not None:
        headers["Content-Type"] = content_type
    reply = await api.upstream.write(
        url, method=method, headers=headers, json=json, content=content
    )
    if reply.status >= SERVER_ERROR:
        raise build_unconfirmed_error(SOURCE)
    error = errors.map_error(reply, rules, is_caller=api.is_caller)
    if isinstance(error, Private):
        raise Forbidden(error.message, source=SOURCE)
    if error is not None:
        raise error
    return reply


def decode_confirmation(reply: UpstreamResponse, response_type: type[T]) -> T:
    """Decode PSN's confirmation of a change; raise `OutcomeUnknown` if it cannot be read."""
    try:
        return reply.decode(response_type)
    except BadResponse:
        raise build_unconfirmed_error(SOURCE) from None
