"""Sending a change: once, and never taken for done unless PSN says so."""

from typing import TypeVar

from providers.errors import BadResponse, Forbidden, Private
from providers.kit.request_context import LANGUAGE, current
from providers.kit.upstream.retry import unconfirmed
from providers.kit.upstream.upstream_client import Reply
from providers.psn import errors
from providers.psn.api import Connection
from providers.psn.urls import SOURCE

T = TypeVar("T")

REFUSED = "PSN does not let you."
FAILING = 500


async def write(
    connection: Connection,
    url: str,
    refusals: errors.Refusals,
    *,
    method: str = "POST",
    json: object = None,
    content: bytes | None = None,
    content_type: str | None = None,
) -> Reply:
    """Send, and raise a refusal as the error it means; what is refused has not happened.

    Whatever fails behind PSN's door is no refusal: it may have got there.
    """
    headers = {"Accept-Language": current().language or LANGUAGE}
    if content_type is not None:
        headers["Content-Type"] = content_type
    reply = await connection.upstream.write(
        url, method=method, headers=headers, json=json, content=content
    )
    if reply.status >= FAILING:
        raise unconfirmed(SOURCE)
    error = errors.fault(reply, refusals, caller=connection.caller)
    if isinstance(error, Private):
        raise Forbidden(error.message, source=SOURCE)
    if error is not None:
        raise error
    return reply


def confirmed(reply: Reply, kind: type[T]) -> T:
    """What PSN says about a change; an answer that cannot be read leaves open what became of it."""
    try:
        return reply.decode(kind)
    except BadResponse:
        raise unconfirmed(SOURCE) from None
