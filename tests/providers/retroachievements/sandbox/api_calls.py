"""Calls to the sandbox, without a client."""

import asyncio
import json
from typing import Any
from urllib.parse import urlencode

import httpx

from providers.retroachievements.sandbox.app import RetroAchievementsSandbox
from providers.retroachievements.sandbox.member_data import OPERATOR_KEY


def call_api(
    endpoint: str, sandbox: RetroAchievementsSandbox | None = None, **parameters: Any
) -> tuple[int, Any]:
    """Call an endpoint, by default with the operator's key; return status and body."""
    query = urlencode({"y": OPERATOR_KEY, **parameters})
    request = httpx.Request("GET", f"https://retroachievements.org/API/API_{endpoint}.php?{query}")
    return send_request(request, sandbox)


def send_request(
    request: httpx.Request, sandbox: RetroAchievementsSandbox | None = None
) -> tuple[int, Any]:
    async def send() -> tuple[int, Any]:
        response = await (sandbox or RetroAchievementsSandbox()).handle_request(request)
        assert response.headers["access-control-allow-origin"] == "*"
        return response.status_code, json.loads(await response.aread())

    return asyncio.run(send())
