"""A Discord bot: `/achievements` lists the newest, and new ones are announced in a channel.

README.md beside this file says how to set it up.
"""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

DISCORD_API = os.environ.get("DISCORD_API_URL", "https://discord.com/api/v10")
DISCORD_WEBHOOK = os.environ["DISCORD_WEBHOOK_URL"]
DISCORD_KEY = Ed25519PublicKey.from_public_bytes(bytes.fromhex(os.environ["DISCORD_PUBLIC_KEY"]))
TROPHYCASE = os.environ["TROPHYCASE_URL"]
HEADERS = {"authorization": f"Bearer {os.environ['TROPHYCASE_KEY']}"}

# Discord's numbers for what it sends and for what it gets.
PING, PONG, ANSWER_LATER = 1, 1, 5
SECONDS_TO_RECONNECT = 5
DATA = "data: "
MARKDOWN = re.compile(r"([\\*_~`|>\[\]()#:@<-])")

NEWEST = """{
  viewer { achievements(first: 5) { edges { node { name title { name } } } } }
}"""
UNLOCKS = """subscription ($after: String) {
  achievementUnlocked(after: $after) {
    cursor
    account { displayName handle }
    achievement { name title { name } }
  }
}"""

client = httpx.AsyncClient(timeout=30)


async def answer_interaction(request: Request) -> Response:
    """Answer what Discord sends when a command is used."""
    body = await request.body()
    try:
        signature = bytes.fromhex(request.headers.get("x-signature-ed25519", ""))
        timestamp = request.headers.get("x-signature-timestamp", "")
        DISCORD_KEY.verify(signature, timestamp.encode() + body)
    except (InvalidSignature, ValueError):
        return Response(status_code=401)
    interaction = json.loads(body)
    if interaction["type"] == PING:
        return JSONResponse({"type": PONG})
    # Discord waits for three seconds; a source may take longer.
    address = f"{DISCORD_API}/webhooks/{interaction['application_id']}/{interaction['token']}"
    later = BackgroundTask(send_newest, f"{address}/messages/@original")
    return JSONResponse({"type": ANSWER_LATER}, background=later)


async def send_newest(address: str) -> None:
    """Put the newest achievements in the place of the answer that is awaited."""
    response = await client.post(TROPHYCASE, json={"query": NEWEST}, headers=HEADERS)
    answer = response.json()
    viewer = (answer.get("data") or {}).get("viewer")
    if viewer is None:
        text = "The achievements cannot be loaded now."
    else:
        text = "\n".join(describe(edge["node"]) for edge in viewer["achievements"]["edges"])
    await client.patch(address, json=build_message(text or "There are none yet."))


async def announce_unlocks() -> None:
    """Announce each unlock, and go on after an interruption where it was."""
    cursor: str | None = None
    while True:
        try:
            async for unlock in subscribe(cursor):
                account = unlock["account"]
                name = escape(account["displayName"] or account["handle"])
                text = f"{name} unlocked {describe(unlock['achievement'])}"
                response = await client.post(DISCORD_WEBHOOK, json=build_message(text))
                response.raise_for_status()
                cursor = unlock["cursor"]
        except httpx.HTTPError:
            pass
        await asyncio.sleep(SECONDS_TO_RECONNECT)


async def subscribe(after: str | None) -> AsyncIterator[dict[str, Any]]:
    """Yield the unlocks since a cursor, by server-sent events, until the stream ends."""
    body = {"query": UNLOCKS, "variables": {"after": after}}
    headers = {**HEADERS, "accept": "text/event-stream"}
    # A comment comes every 15 seconds.
    async with client.stream("POST", TROPHYCASE, json=body, headers=headers) as response:
        response.raise_for_status()
        async for line in response.aiter_lines():
            content = json.loads(line.removeprefix(DATA) or "{}") if line.startswith(DATA) else {}
            if content.get("data"):
                yield content["data"]["achievementUnlocked"]


def describe(achievement: dict[str, Any]) -> str:
    """Return a line with the names of an achievement and of its title."""
    title = achievement["title"] or {}
    name = escape(achievement["name"] or "a hidden achievement")
    return f"**{name}** in {escape(title['name'])}" if title.get("name") else f"**{name}**"


def escape(text: str) -> str:
    """Return a text so that Discord shows it as it is: names are chosen by strangers."""
    return MARKDOWN.sub(r"\\\1", text)


def build_message(text: str) -> dict[str, Any]:
    """Build a message that mentions no one, whatever is in it."""
    return {"content": text[:2000], "allowed_mentions": {"parse": []}}


@asynccontextmanager
async def announce_while_running(_app: Starlette) -> AsyncIterator[None]:
    """Announce unlocks as long as the bot runs."""
    task = asyncio.create_task(announce_unlocks())
    yield
    task.cancel()
    await client.aclose()


app = Starlette(
    routes=[Route("/interactions", answer_interaction, methods=["POST"])],
    lifespan=announce_while_running,
)
