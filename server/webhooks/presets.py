"""The forms of a message: the standard one, and those of Discord and ntfy."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from providers.kit.text import truncate
from providers.registry import Source
from server.webhooks.unlock_message import UnlockMessage
from server.webhooks.webhook import Preset, Webhook

# Discord reads a backslash before any of these as the character itself, and links no URL with one.
MARKDOWN = re.compile(r"([\\*_~`|>#\[\]()<@:+.-])")
CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
MAX_TITLE_LENGTH = 120  # Discord has 256, before escaping
MAX_TEXT_LENGTH = 500
UNKNOWN_NAME = "Achievement unlocked"

Json = dict[str, Any]


def build_body(webhook: Webhook, message: UnlockMessage) -> bytes:
    """Return the body of a message, as JSON."""
    return msgspec.json.encode(BUILDERS[webhook.preset](webhook, message))


def get_target(webhook: Webhook) -> str:
    """Return the URL that a message is sent to; ntfy reads JSON at its root alone."""
    if webhook.preset is not Preset.NTFY:
        return webhook.url
    parts = urlsplit(webhook.url)
    root = parts.path.rstrip("/").rpartition("/")[0]
    return parts._replace(path=f"{root}/").geturl()


def build_standard(_webhook: Webhook, message: UnlockMessage) -> Json:
    """Build the form that Standard Webhooks recommend: type, time and data."""
    return {"type": "achievement.unlocked", "timestamp": message.detected_at, "data": message}


def build_discord(_webhook: Webhook, message: UnlockMessage) -> Json:
    """Build the form of Discord, with mentions disabled: a source's text may contain some."""
    achievement = message.achievement
    facts = {"Grade": achievement.grade, "Rarity": _format_rarity(achievement.rarity_percent)}
    embed: Json = {
        "title": _escape(achievement.name, MAX_TITLE_LENGTH) or UNKNOWN_NAME,
        "author": {"name": _clean(_name_owner(message), MAX_TITLE_LENGTH)},
        "footer": {"text": _get_label(message)},
        "timestamp": achievement.earned_at or message.detected_at,
        "fields": [
            {"name": name, "value": _escape(value, MAX_TITLE_LENGTH), "inline": True}
            for name, value in facts.items()
            if value
        ],
    }
    description = _escape(achievement.description, MAX_TEXT_LENGTH)
    if description:
        embed["description"] = description
    if achievement.icon_url:
        embed["thumbnail"] = {"url": achievement.icon_url}
    return {"embeds": [embed], "allowed_mentions": {"parse": []}}


def build_ntfy(webhook: Webhook, message: UnlockMessage) -> Json:
    """Build the form of ntfy: plain text, for the topic at the end of the address."""
    achievement = message.achievement
    facts = (_name_owner(message), achievement.grade, _format_rarity(achievement.rarity_percent))
    lines = (achievement.description, " · ".join(each for each in facts if each))
    body: Json = {
        "topic": urlsplit(webhook.url).path.rstrip("/").rpartition("/")[2],
        "title": _clean(achievement.name, MAX_TITLE_LENGTH) or UNKNOWN_NAME,
        "message": "\n".join(_clean(line, MAX_TEXT_LENGTH) for line in lines if line),
        "tags": ["trophy"],
    }
    if achievement.icon_url:
        body["icon"] = achievement.icon_url
    return body


BUILDERS: Mapping[Preset, Callable[[Webhook, UnlockMessage], Json]] = {
    Preset.STANDARD: build_standard,
    Preset.DISCORD: build_discord,
    Preset.NTFY: build_ntfy,
}


def _name_owner(message: UnlockMessage) -> str:
    """Return the title and the account, such as `Sample Quest · vega_north`."""
    account = message.account.display_name or message.account.handle
    title = message.title.name if message.title else None
    return " · ".join(each for each in (title, account) if each)


def _get_label(message: UnlockMessage) -> str:
    return Source[message.source].value.label


def _format_rarity(percent: float | None) -> str | None:
    return None if percent is None else f"{percent:g} %"


def _clean(text: str | None, length: int) -> str:
    """Return a text in one line, without characters that control how others are shown."""
    return truncate(CONTROL_CHARACTERS.sub(" ", text or "").strip(), length) or ""


def _escape(text: str | None, length: int) -> str:
    return MARKDOWN.sub(r"\\\1", _clean(text, length))
