"""Sending a change: once, and never taken for done unless PSN says so."""

from typing import TypeVar

from providers.errors import BadResponse, Forbidden, Private
from providers.kit.request_context import DEFAULT_LANGUAGE, get_current
from providers.kit.upstream.retry import build_unconfirmed_error
from providers.kit.upstream.upstream_client import UpstreamResponse
from providers.psn import errors
from providers.psn.api import PsnApi
from providers.psn.urls import SOURCE

T = TypeVar("T")

NOT_ALLOWED_MESSAGE = "PSN does not let you."
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
    """Send, and raise a refusal as the error it means; what is refused has not happened.

    Whatever fails behind PSN's door is no refusal: it may have got there.
    """
    headers = {"Accept-Language": get_current().language or DEFAULT_LANGUAGE}
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
    """What PSN says about a change; an answer that cannot be read leaves open what became of it."""
    try:
        return reply.decode(response_type)
    except BadResponse:
        raise build_unconfirmed_error(SOURCE) from None
