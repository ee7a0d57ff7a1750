"""The trophy case in Chromium: by pointer and keyboard, with and without script, and live."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conformance.processes import REPOSITORY, run_script
from tests.conformance.web_application import find_chromium
from tests.server.pages.hostile import FAULTS, SCRIPT
from tests.server.pages.page_operations import KEYS, PROFILES
from tests.server.runtime.server_process import build_environment, start_process

pytestmark = pytest.mark.slow

BROWSE_SCRIPT = Path(__file__).with_name("browse.mjs")
AXE = REPOSITORY / "server" / "explorer" / "node_modules" / "axe-core"
MOVING = {"TROPHYCASE_LIVE_INTERVAL": "1", "TROPHYCASE_DEADLINE": "60"}
PHONE = {"width": 390, "height": 844}
VIEWS = [
    {"name": "desktop", "path": "/@vega"},
    {"name": "dark", "path": "/", "dark": True},
    {"name": "phone", "path": "/@vega", **PHONE, "dark": True},
    {"name": "plain", "path": "/?psn=second_player&ra=SecondSam", "script": False},
    {"name": "more", "path": "/", "more": 60},
    {"name": "keyboard", "path": "/@vega", "keys": ["Tab", "Enter"]},
    {"name": "nobody", "path": "/?psn=nobody_there", **PHONE},
    {"name": "refused", "path": "/?psn=no%20blanks", **PHONE, "dark": True},
    {"name": "missing", "path": "/@nobody"},
]
HOSTILE_VIEWS = [
    {"name": "desktop", "path": "/?trophy=vega"},
    {"name": "phone", "path": "/?trophy=vega", **PHONE},
]
Seen = Mapping[str, Any]


def browse(address: str, views: list[dict[str, Any]]) -> Seen:
    """Visit pages, and return what is seen of each by its name."""
    executable = find_chromium()
    if not AXE.is_dir():
        pytest.skip("needs axe-core (`npm ci` in server/explorer)")
    visits = [{**each, "address": address + each["path"]} for each in views]
    return run_script(BROWSE_SCRIPT, payload={"executablePath": executable, "visits": visits})


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    environment = build_environment(**MOVING, **PROFILES)
    with start_process("serve", "--sandbox", env=environment) as process:
        yield process.address


@pytest.fixture(scope="module")
def seen(address: str) -> Seen:
    return browse(address, VIEWS)


@pytest.mark.parametrize("name", [each["name"] for each in VIEWS])
def test_a_page_of_the_sandbox_is_accessible_fits_and_loads_nothing_from_elsewhere(
    seen: Seen, name: str
) -> None:
    view = seen[name]
    assert view.get("violations", []) == []
    assert not view.get("isTooWide")
    assert view["foreign"] == []
    refused = "Failed to load resource: the server responded with a status of 4"
    assert [each for each in view["problems"] if not each.startswith(refused)] == []


def test_the_parts_of_the_page_are_there(seen: Seen) -> None:
    for name in ("desktop", "dark", "phone"):
        headings = seen[name]["headings"]
        assert headings[:2] == ["vega_north", "Totals"]
        assert {"Nearly done", "Recently played", "Rarest", "Awards", "Newest unlocks"} <= set(
            headings
        )
        assert len(seen[name]["unlocks"]) == 20


def test_the_page_works_without_script(seen: Seen) -> None:
    assert seen["plain"]["headings"][0] == "second_player"
    assert len(seen["plain"]["unlocks"]) > 10
    assert "UTC" in seen["plain"]["text"]
    assert "UTC" not in seen["desktop"]["text"]


def test_more_unlocks_come_while_scrolling(seen: Seen) -> None:
    assert len(seen["more"]["unlocks"]) >= 60
    first = seen["dark"]["unlocks"]
    assert seen["more"]["unlocks"][: len(first)] == first


def test_the_keyboard_skips_to_the_unlocks(seen: Seen) -> None:
    assert seen["keyboard"]["focused"] == "unlocks"


def test_a_new_unlock_shows_by_itself() -> None:
    settings = {**MOVING, **PROFILES, "TROPHYCASE_SANDBOX_UNLOCKS": "2"}
    with start_process("serve", "--sandbox", env=build_environment(**settings)) as process:
        views = [
            {"name": "public", "path": "/@vega", "live": True},
            {"name": "own", "path": "/", "live": True},
        ]
        found = browse(process.address, views)
    for view in found.values():
        assert any(view["status"].startswith(f"New: {each}") for each in view["unlocks"])
        assert len(view["unlocks"]) > 20
        assert view["problems"] == []
        assert view["violations"] == []


def test_a_key_opens_the_page_and_stays_in_the_tab() -> None:
    settings = {**MOVING, **KEYS, "TROPHYCASE_SANDBOX_UNLOCKS": "2"}
    right = {"key": "key-of-the-reader", "shows": "Newest unlocks", "live": True}
    wrong = {"key": "a-key-that-is-not-known", "shows": "Invalid API key"}
    with start_process("serve", "--sandbox", env=build_environment(**settings)) as process:
        views = [
            {"name": "right", "path": "/", **right},
            {"name": "wrong", "path": "/", **wrong},
            {"name": "plain", "path": "/", "script": False},
        ]
        found = browse(process.address, views)
    assert found["right"]["headings"][0] == "vega_north"
    assert found["right"]["newest"]
    assert right["key"] not in found["right"]["stored"]
    assert found["wrong"]["headings"] == ["A key is needed"]
    assert "have a proxy add the header" in found["plain"]["text"]
    assert [each["violations"] for each in (found["right"], found["wrong"])] == [[], []]


def test_texts_of_upstreams_stay_texts(address: str) -> None:
    with httpx.Client(base_url=address, trust_env=False) as client:
        for fault in FAULTS:
            client.post("/sandbox/faults", json=fault).raise_for_status()
        try:
            found = browse(address, HOSTILE_VIEWS)
        finally:
            client.delete("/sandbox/faults").raise_for_status()
    for view in found.values():
        assert SCRIPT in view["unlocks"]
        assert view["problems"] == []
        assert view["foreign"] == []
        assert not view["isTooWide"]
        assert view["violations"] == []
