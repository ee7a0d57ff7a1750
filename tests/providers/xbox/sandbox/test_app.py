"""The sandbox sends what Xbox Live sends, as a published client declares it.

`python_xbox_models.json` are the JSON schemas of the models of python-xbox 0.4.0 (MIT), as its
`model_json_schema()` prints them without titles. The client itself cannot be among the pinned
packages, because one of its dependencies is published without a wheel.
"""

import asyncio
import json
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest

from providers.xbox.sandbox import constants
from providers.xbox.sandbox.app import XboxSandbox, create_sandbox

OWNER, SECOND = constants.OWNER_XUID, constants.SECOND_XUID
HEADERS = {
    "X-Authorization": constants.OWNER_KEY,
    "Accept-Language": "en-US",
    "User-Agent": "a-test",
}
PAYLOADS = {
    f"achievements/player/{OWNER}": "TitleHubResponse",
    "achievements": "TitleHubResponse",
    f"titles/{SECOND}": "TitleHubResponse",
    f"player/titleHistory/{OWNER}": "TitleHubResponse",
    f"achievements/player/{OWNER}/1700000001": "AchievementResponse",
    f"achievements/player/{OWNER}/1700000002": "AchievementResponse",
    f"achievements/player/{OWNER}/1290000001": "AchievementResponse",
    "achievements/title/1700000003": "AchievementResponse",
    f"achievements/player/{OWNER}/title/1290000001": "Achievement360Response",
    f"achievements/x360/{OWNER}/title/1290000001": "Achievement360Response",
    "account": "ProfileResponse",
    f"account/{OWNER},{SECOND}": "ProfileResponse",
    f"friends/{OWNER}": "PeopleResponse",
    "search/sam": "PeopleResponse",
    "friends/search?gt=sam": "PeopleResponse",
    f"player/summary/{SECOND}": "PeopleResponse",
    f"{OWNER},{SECOND}/presence": "PresenceBatchResponse",
}


@cache
def load_schemas() -> Any:
    return json.loads((Path(__file__).parent / "python_xbox_models.json").read_text())


def fetch(sandbox: XboxSandbox, path: str, **headers: str) -> httpx.Response:
    async def send() -> httpx.Response:
        transport = httpx.MockTransport(sandbox.handle_request)
        async with httpx.AsyncClient(transport=transport, headers=HEADERS) as client:
            return await client.get(f"https://xbl.io/api/v2/{path}", headers=headers)

    return asyncio.run(send())


@pytest.mark.parametrize(("path", "model"), PAYLOADS.items())
def test_a_payload_is_what_a_client_of_xbox_live_declares(path: str, model: str) -> None:
    answer = fetch(create_sandbox(), path).json()

    assert answer["code"] == 200
    assert answer["content"]
    jsonschema_rs.validate(load_schemas()[model], answer["content"])


def test_a_payload_without_a_declared_member_would_be_refused() -> None:
    content = fetch(create_sandbox(), f"achievements/player/{OWNER}/1700000001").json()["content"]
    del content["achievements"][0]["participationType"]

    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.validate(load_schemas()["AchievementResponse"], content)


@pytest.mark.parametrize("language", ["", "*"])
def test_a_list_of_titles_needs_a_locale(language: str) -> None:
    answer = fetch(create_sandbox(), "achievements", **{"Accept-Language": language})

    assert (answer.status_code, answer.json()["code"]) == (200, 400)


def test_the_key_counts_in_its_own_header_alone() -> None:
    headers = {"X-Authorization": "", "Authorization": constants.OWNER_KEY}

    answer = fetch(create_sandbox(), "account", **headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "ERROR")


def test_a_library_of_http_clients_is_turned_away() -> None:
    answer = fetch(create_sandbox(), "account", **{"User-Agent": "python-httpx/1"})

    assert (answer.status_code, answer.headers["content-type"]) == (
        403,
        "text/html; charset=utf-8",
    )


def test_the_headers_count_down_and_a_reset_starts_a_new_hour() -> None:
    sandbox = create_sandbox()

    left = [int(fetch(sandbox, "account").headers["x-ratelimit-remaining"]) for _ in range(3)]
    sandbox.reset()

    assert left == [149, 148, 147]
    assert fetch(sandbox, "account").headers["x-ratelimit-spent"] == "1"


def test_an_unlock_of_something_unknown_is_an_error() -> None:
    with pytest.raises(LookupError):
        create_sandbox().unlock(OWNER, 1_700_000_001, "99")
