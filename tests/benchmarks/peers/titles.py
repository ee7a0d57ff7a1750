"""The complete titles of an account, as every Python peer loads and keeps them.

One call for the list, then three calls for each title, all concurrent. What is loaded is joined to
the fields of the graph once and kept in memory: a second request for the account makes no call.
"""

import asyncio
import base64
import json
import os
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import httpx
import msgspec

from providers.kit.upstream.transport.http_transport import HttpTransport

UPSTREAM_URL = os.environ.get("UPSTREAM_URL", "")
BASE_URL = f"{UPSTREAM_URL}/m.np.playstation.com/api/trophy/v1"
HEADERS = {"Authorization": f"Bearer {os.environ.get('UPSTREAM_TOKEN', '')}"}
MAX_CONNECTIONS = 100

Fetch = Callable[[str], Awaitable[bytes]]


async def create_aiohttp_fetch() -> Fetch:
    """Return a function that requests a URL with aiohttp and returns the body."""
    connector = aiohttp.TCPConnector(limit=MAX_CONNECTIONS)
    session = aiohttp.ClientSession(connector=connector, headers=HEADERS)

    async def fetch(url: str) -> bytes:
        async with session.get(url) as response:
            return await response.read()

    return fetch


async def create_httpx_fetch(transport: httpx.AsyncBaseTransport | None = None) -> Fetch:
    """Return a function that requests a URL with httpx and returns the body."""
    limits = httpx.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=100)
    client = httpx.AsyncClient(
        headers=HEADERS, limits=limits, timeout=60, trust_env=False, transport=transport
    )

    async def fetch(url: str) -> bytes:
        return (await client.get(url)).content

    return fetch


async def create_own_fetch() -> Fetch:
    """Return a function that does so over this server's transport below httpx."""
    return await create_httpx_fetch(HttpTransport())


class TitleCache:
    """The titles of each account, loaded once."""

    def __init__(self, fetch: Fetch, build: Callable[[Any], Any] = lambda titles: titles) -> None:
        self._fetch = fetch
        self._build = build
        self._titles: dict[str, Any] = {}

    async def get_titles(self, handle: str) -> Any:
        """Return the titles, as `build` made them of the joined rows."""
        if handle not in self._titles:
            self._titles[handle] = self._build(await self._load_titles(handle))
        return self._titles[handle]

    async def _load_titles(self, handle: str) -> list[Any]:
        page = await self._get(f"users/{handle}/trophyTitles?limit=800&offset=0")
        return await asyncio.gather(
            *(self._load_title(handle, row) for row in page["trophyTitles"])
        )

    async def _load_title(self, handle: str, row: Any) -> Any:
        path = f"npCommunicationIds/{row['npCommunicationId']}/trophyGroups"
        service = f"npServiceName={row['npServiceName']}"
        groups, defined, earned = await asyncio.gather(
            self._get(f"{path}?{service}"),
            self._get(f"{path}/all/trophies?{service}"),
            self._get(f"users/{handle}/{path}/all/trophies?{service}"),
        )
        return join_title(row, groups, defined, earned)

    async def _get(self, path: str) -> Any:
        return msgspec.json.decode(await self._fetch(f"{BASE_URL}/{path}"))


def join_title(row: Any, groups: Any, defined: Any, earned: Any) -> Any:
    """Join the rows of a title to an object with the fields of the graph."""
    states = {each["trophyId"]: each for each in earned["trophies"]}
    achievements: dict[str, list[Any]] = {}
    for each in defined["trophies"]:
        joined = join_achievement(each, states[each["trophyId"]])
        achievements.setdefault(each["trophyGroupId"], []).append(joined)
    return {
        "nativeId": row["npCommunicationId"],
        "name": row["trophyTitleName"],
        "platforms": row["trophyTitlePlatform"].split(","),
        "progress": row["progress"],
        "groups": [
            {
                "nativeId": group["trophyGroupId"],
                "name": group["trophyGroupName"],
                "achievements": achievements.get(group["trophyGroupId"], []),
            }
            for group in groups["trophyGroups"]
        ],
    }


def join_achievement(defined: Any, state: Any) -> Any:
    """Join the definition of a trophy and its state."""
    return {
        "nativeId": str(defined["trophyId"]),
        "name": defined["trophyName"],
        "description": defined["trophyDetail"],
        "grade": defined["trophyType"].upper(),
        "hidden": defined["trophyHidden"],
        "earned": state["earned"],
        "earnedAt": state.get("earnedDateTime"),
        "icon": {"url": defined["trophyIconUrl"]},
        "rarity": {"percent": float(state["trophyEarnedRate"])},
    }


def build_user_id(handle: str) -> str:
    """Return the id that this server gives a user."""
    text = json.dumps(["User", "PSN", handle], separators=(",", ":")).encode()
    checksum = (zlib.crc32(text) & 0xFFFFFF).to_bytes(3)
    return base64.urlsafe_b64encode(checksum + text).rstrip(b"=").decode()
