"""Messages and addresses for the tests of deliveries."""

import base64
from datetime import UTC, datetime
from typing import Any

from server.webhooks.unlock_message import AccountPart, AchievementPart, TitlePart, UnlockMessage
from server.webhooks.webhook import Webhook, parse_webhooks

SECRET = "whsec_" + base64.b64encode(b"a secret of 24 bytes ok!").decode()


def build_webhook(url: str = "https://hooks.example/path", rest: str = SECRET) -> Webhook:
    """Build an address, by default of the standard form."""
    (webhook,) = parse_webhooks(f"alerts={url}|{rest}")
    return webhook


def build_message(event_id: str = "event-1", **achievement: Any) -> UnlockMessage:
    """Build a message of an unlock on PSN."""
    known: dict[str, Any] = {
        "name": "Old Bridge",
        "description": "Cross the river.",
        "icon_url": "https://image.example/icon.png",
        "grade": "BRONZE",
        "rarity_percent": 54.2,
        "earned_at": datetime(2026, 11, 1, 12, tzinfo=UTC),
    }
    return UnlockMessage(
        event_id=event_id,
        detected_at=datetime(2026, 11, 1, 12, 0, 30, tzinfo=UTC),
        detected_by="POLL",
        source="PSN",
        account=AccountPart("vega_north", "1000000000000000001", "vega_north"),
        achievement=AchievementPart(id="4", **{**known, **achievement}),
        title=TitlePart("NPWR00001_00", "Sample Quest"),
    )
