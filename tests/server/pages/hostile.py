"""An account on Trophy.so whose texts and addresses try to be more than that."""

from typing import Any

SCRIPT = "<script>alert(1)</script>"
ATTRIBUTE = '"><img src=x onerror=alert(2)>'
TEMPLATE = "{{ 7 * 7 }}{% include 'base.html' %}"
BIDI = "\u202egnihtyreve\u2066 back"
LONG = "W" * 280
TEXTS = (SCRIPT, ATTRIBUTE, TEMPLATE, BIDI, LONG)
ADDRESSES = (
    "javascript:alert(3)",
    "data:text/html,<script>alert(4)</script>",
    "https://badges.example/x.png?\"onerror='alert(5)'",
    "//badges.example/x.png",
    "https://badges.example/good.png",
)


def _make_achievement(number: int, text: str, address: str) -> dict[str, Any]:
    return {
        "id": f"{number:08}-ac41-4000-8000-000000000001",
        "name": text,
        "description": text,
        "trigger": "api",
        "badgeUrl": address,
        "rarity": 87.88,
        "achievedAt": f"2024-01-1{number}T18:20:05.000Z",
    }


FAULTS: list[dict[str, Any]] = [
    {
        "path": "api.trophy.so/v1/users/vega/achievements",
        "status": 200,
        "body": [
            _make_achievement(number, *each)
            for number, each in enumerate(zip(TEXTS, ADDRESSES, strict=True), start=1)
        ],
    },
    {
        "path": r"api.trophy.so/v1/users/vega\??$",
        "status": 200,
        "body": {"id": "vega", "name": SCRIPT + BIDI + LONG, "tz": "Europe/Berlin"},
    },
]
