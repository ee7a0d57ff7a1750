"""The forms of a message."""

import json
from typing import Any

import pytest

from server.webhooks.presets import build_body, get_target
from tests.server.webhooks.messages import build_message, build_webhook

DISCORD = build_webhook("https://discord.example/api/webhooks/1/token", "discord")
NTFY = build_webhook("https://ntfy.example/base/my-topic?x=1", "ntfy")


def build(webhook: Any, **achievement: Any) -> Any:
    return json.loads(build_body(webhook, build_message(**achievement)))


def test_the_standard_form_has_type_time_and_data() -> None:
    assert build(build_webhook()) == {
        "type": "achievement.unlocked",
        "timestamp": "2026-11-01T12:00:30Z",
        "data": {
            "eventId": "event-1",
            "detectedAt": "2026-11-01T12:00:30Z",
            "detectedBy": "POLL",
            "source": "PSN",
            "account": {
                "handle": "vega_north",
                "id": "1000000000000000001",
                "displayName": "vega_north",
            },
            "achievement": {
                "id": "4",
                "name": "Old Bridge",
                "description": "Cross the river.",
                "iconUrl": "https://image.example/icon.png",
                "grade": "BRONZE",
                "points": None,
                "rarityPercent": 54.2,
                "earnedAt": "2026-11-01T12:00:00Z",
            },
            "title": {"id": "NPWR00001_00", "name": "Sample Quest"},
        },
    }


def test_the_form_of_discord_is_an_embed_without_mentions() -> None:
    assert build(DISCORD) == {
        "embeds": [
            {
                "title": "Old Bridge",
                "author": {"name": "Sample Quest · vega_north"},
                "footer": {"text": "PlayStation Network"},
                "timestamp": "2026-11-01T12:00:00Z",
                "fields": [
                    {"name": "Grade", "value": "BRONZE", "inline": True},
                    {"name": "Rarity", "value": "54\\.2 %", "inline": True},
                ],
                "description": "Cross the river\\.",
                "thumbnail": {"url": "https://image.example/icon.png"},
            }
        ],
        "allowed_mentions": {"parse": []},
    }
    assert get_target(DISCORD) == DISCORD.url


def test_the_form_of_ntfy_is_plain_text_for_the_topic_of_the_address() -> None:
    assert build(NTFY) == {
        "topic": "my-topic",
        "title": "Old Bridge",
        "message": "Cross the river.\nSample Quest · vega_north · BRONZE · 54.2 %",
        "tags": ["trophy"],
        "icon": "https://image.example/icon.png",
    }
    assert get_target(NTFY) == "https://ntfy.example/base/?x=1"


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("@everyone", "\\@everyone"),
        ("<@123> <#4> <:x:5>", "\\<\\@123\\> \\<\\#4\\> \\<\\:x\\:5\\>"),
        (
            "**bold** _it_ ~~no~~ `code` ||spoiler||",
            "\\*\\*bold\\*\\* \\_it\\_ \\~\\~no\\~\\~ \\`code\\` \\|\\|spoiler\\|\\|",
        ),
        ("[link](https://evil.example)", "\\[link\\]\\(https\\://evil\\.example\\)"),
        ("a\\*b", "a\\\\\\*b"),
        ("# big\n> quote\x00\u202e", "\\# big \\> quote"),
    ],
)
def test_a_text_is_shown_by_discord_as_it_is(text: str, escaped: str) -> None:
    embed = build(DISCORD, name=text, description=text)["embeds"][0]

    assert embed["title"] == embed["description"] == escaped


def test_what_is_unknown_is_left_out() -> None:
    unknown = dict.fromkeys(
        ("name", "description", "icon_url", "grade", "rarity_percent", "earned_at")
    )
    embed = build(DISCORD, **unknown)["embeds"][0]
    note = build(NTFY, **unknown)

    assert embed["title"] == note["title"] == "Achievement unlocked"
    assert embed["timestamp"] == "2026-11-01T12:00:30Z"
    assert embed["fields"] == []
    assert note["message"] == "Sample Quest · vega_north"
    assert {"description", "thumbnail", "icon"}.isdisjoint({*embed, *note})


def test_long_texts_fit_into_the_limits_of_the_services() -> None:
    embed = build(DISCORD, name="*" * 5000, description="_" * 5000)["embeds"][0]

    assert len(embed["title"]) <= 256
    assert len(embed["description"]) <= 4096
    assert len(json.dumps(build(NTFY, name="x" * 9000, description="y" * 9000))) < 4096
