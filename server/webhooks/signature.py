"""The signature of what is sent, as the specification Standard Webhooks describes it."""

import base64
import hmac


def sign(key: bytes, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers of a message: its id, the time in seconds since 1970, the signature."""
    content = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.digest(key, content, "sha256")
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
