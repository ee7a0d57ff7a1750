"""The served sandbox has its own pictures: no address in its responses leads elsewhere."""

import asyncio
import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from server.app import create_app
from server.settings import read_settings

BASE_URL = "http://127.0.0.1:8000"
FOREIGN = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
QUERY = """{ viewer {
  avatar { url }
  accounts { profileUrl }
  campaigns { images { url } }
  achievements(first: 50) { edges { node { icon { url lockedUrl } title { icon { url } } } } }
} }"""


async def fetch_all() -> tuple[Any, str, list[httpx.Response]]:
    settings = read_settings({}, sandbox=True)
    app = create_app(replace(settings, has_sandbox_addresses=True))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client,
    ):
        answers = [await client.post("/graphql", json={"query": QUERY}) for _ in range(2)]
        found = answers[1].json()
        assert answers[0].json()["data"] == found["data"]
        export = (await client.get("/export")).text
        text = answers[1].text + export
        urls = {each[0] for each in re.finditer(r"https?://[^\"\s,]+", text)}
        paths = sorted(urls, key=lambda each: ("/locked/" in each, "/profiles/" in each))
        chosen = [paths[0], *[each for each in paths if "/locked/" in each][:1]]
        chosen += [each for each in paths if "/profiles/" in each][:1]
        pictures = [await client.get(urlsplit(each).path, headers=FOREIGN) for each in chosen[:2]]
        pictures.append(await client.get(urlsplit(chosen[-1]).path))
        return found, "\n".join(urls), pictures


@pytest.mark.slow
def test_every_address_in_a_response_is_this_servers() -> None:
    found, urls, (picture, locked, profile) = asyncio.run(fetch_all())

    assert "errors" not in found
    assert {each.partition("/sandbox/")[0] for each in urls.split("\n")} == {BASE_URL}
    assert "/sandbox/profiles/" in urls
    for each in (picture, locked):
        assert each.status_code == 200
        assert each.headers["content-type"] == "image/svg+xml"
        assert each.text.startswith("<svg ")
    assert " 0%" in locked.text
    assert "invents" in profile.text
