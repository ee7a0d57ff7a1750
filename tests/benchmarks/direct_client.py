"""A client written by hand on plain httpx: one list, then three calls per title, all concurrent."""

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx

from providers.psn.sandbox.constants import OWNER_ACCOUNT_ID
from tests.benchmarks.sandbox_upstream import TOKEN

MAX_CONCURRENCY = 100


@dataclass(frozen=True)
class DirectClient:
    """Loads everything in an account's titles, without a cache."""

    http: httpx.AsyncClient
    base_url: str
    slots: asyncio.Semaphore

    @classmethod
    def create(
        cls, address: str, transport: httpx.AsyncBaseTransport | None = None
    ) -> "DirectClient":
        """Create a client with connections of its own; without a transport, httpx's pool."""
        headers = {"Authorization": f"Bearer {TOKEN}", "Accept-Language": "en-US"}
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=MAX_CONCURRENCY)
        http = httpx.AsyncClient(
            headers=headers, limits=limits, trust_env=False, transport=transport
        )
        base = f"{address}/m.np.playstation.com/api/trophy/v1"
        return cls(http, base, asyncio.Semaphore(MAX_CONCURRENCY))

    async def fetch_titles(self) -> list[Any]:
        """Return all titles with their groups and trophies."""
        page = await self._get(f"users/{OWNER_ACCOUNT_ID}/trophyTitles", limit="800", offset="0")
        return await asyncio.gather(*(self._fetch_title(row) for row in page["trophyTitles"]))

    async def _fetch_title(self, row: Any) -> Any:
        name = f"npCommunicationIds/{row['npCommunicationId']}"
        service = row["npServiceName"]
        groups, defined, earned = await asyncio.gather(
            self._get(f"{name}/trophyGroups", npServiceName=service),
            self._get(f"{name}/trophyGroups/all/trophies", npServiceName=service),
            self._get(
                f"users/{OWNER_ACCOUNT_ID}/{name}/trophyGroups/all/trophies",
                npServiceName=service,
            ),
        )
        rows = {each["trophyId"]: each for each in earned["trophies"]}
        inside: dict[str, list[Any]] = {}
        for each in defined["trophies"]:
            joined = {**each, **rows.get(each["trophyId"], {})}
            inside.setdefault(each["trophyGroupId"], []).append(joined)
        named = [
            {**group, "trophies": inside.get(group["trophyGroupId"], [])}
            for group in groups["trophyGroups"]
        ]
        return {**row, "groups": named}

    async def _get(self, path: str, **parameters: str) -> Any:
        async with self.slots:
            reply = await self.http.get(f"{self.base_url}/{path}", params=parameters)
        return reply.json()
