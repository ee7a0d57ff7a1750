"""Events that Trophy.so sends to a webhook: their signature, and what this server reads of them."""

import base64
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import msgspec

from providers.kit.upstream.decode import parse_time
from providers.trophy_so.identifiers import USER_ID_PATTERN

SIGNATURE_HEADER = "x-trophy-signature"
ACHIEVEMENT_COMPLETED = "achievement.completed"
STREAK_PREFIX = "streak."
MAX_ID_LENGTH = 255


@dataclass(frozen=True)
class WebhookEvent:
    """What happened to a user: an achievement was completed, or a streak has changed."""

    type: str
    user_id: str
    achievement_id: str = ""
    achieved_at: datetime | None = None


class UnreadableEvent(Exception):
    """A body that is not JSON, or that lacks the ids of what its type is about."""


def is_signed(secret: str, body: bytes, signature: str) -> bool:
    """Return whether a signature is the base64 of the body's HMAC-SHA256 with the secret.

    The body is that of the request, byte by byte; the comparison takes constant time.
    """
    expected = base64.b64encode(hmac.digest(secret.encode(), body, "sha256"))
    return hmac.compare_digest(expected, signature.strip().encode(errors="surrogatepass"))


def read_event(body: bytes) -> WebhookEvent | None:
    """Read an event; None for a type that changes nothing here. Raise `UnreadableEvent`."""
    members = _decode_object(body)
    kind = _read_text(members, "type")
    if kind is None:
        raise UnreadableEvent
    is_achievement = kind == ACHIEVEMENT_COMPLETED
    if not is_achievement and not kind.startswith(STREAK_PREFIX):
        return None
    user_id = _read_text(_read_object(members, "user"), "id")
    if user_id is None or USER_ID_PATTERN.fullmatch(user_id) is None:
        raise UnreadableEvent
    if not is_achievement:
        return WebhookEvent(kind, user_id)
    achievement = _read_object(members, "achievement")
    achievement_id = _read_text(achievement, "id")
    if not achievement_id or len(achievement_id) > MAX_ID_LENGTH:
        raise UnreadableEvent
    achieved_at = parse_time(_read_text(achievement, "achievedAt"))
    return WebhookEvent(kind, user_id, achievement_id, achieved_at)


def _decode_object(body: bytes) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError):
        raise UnreadableEvent from None
    return _as_object(value)


def _read_object(members: dict[str, Any], name: str) -> dict[str, Any]:
    return _as_object(members.get(name))


def _as_object(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _read_text(members: dict[str, Any], name: str) -> str | None:
    value = members.get(name)
    return value if isinstance(value, str) else None
