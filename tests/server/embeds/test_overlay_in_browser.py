"""The overlay in Chromium: see-through, without overlaps, and live."""

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conformance.processes import run_script
from tests.conformance.web_application import find_chromium
from tests.server.pages.hostile import FAULTS, SCRIPT
from tests.server.pages.page_operations import PROFILES
from tests.server.runtime.server_process import build_environment, start_process

pytestmark = pytest.mark.slow

BROWSE_SCRIPT = Path(__file__).with_name("browse_overlay.mjs")
SETTINGS = {
    "TROPHYCASE_LIVE_INTERVAL": "1",
    "TROPHYCASE_DEADLINE": "60",
    "TROPHYCASE_PROFILES": f"{PROFILES['TROPHYCASE_PROFILES']},hostile=trophy:vega",
}
TRANSPARENT = "rgba(0, 0, 0, 0)"
Seen = Mapping[str, Any]


def browse(address: str, *visits: dict[str, Any]) -> Seen:
    """Visit overlays, and return what is seen of each by its name."""
    given = [{**each, "address": address + each["path"]} for each in visits]
    return run_script(BROWSE_SCRIPT, payload={"executablePath": find_chromium(), "visits": given})


def check_places(view: Seen) -> None:
    """Fail if a row, or a part of one, is drawn over another or over the edge."""
    for row in view["rows"]:
        for one, other in combinations(row["parts"], 2):
            assert one["right"] <= other["left"] or one["bottom"] <= other["top"], row
        assert all(part["right"] <= row["place"]["right"] for part in row["parts"])
    for one, other in combinations(view["rows"], 2):
        assert one["place"]["bottom"] <= other["place"]["top"]
    assert not view["isTooWide"]


def check_page(view: Seen) -> None:
    """Fail for a page that is not see-through, has faults, or loads more than pictures."""
    assert view["status"] == 200
    assert view["background"] == TRANSPARENT
    assert view["problems"] == []
    assert view["violations"] == []
    assert set(view["foreign"]) <= {"image"}
    check_places(view)


def test_overlays_are_see_through_and_nothing_overlaps() -> None:
    with start_process("serve", "--sandbox", env=build_environment(**SETTINGS)) as process:
        with httpx.Client(base_url=process.address, trust_env=False) as client:
            for fault in FAULTS:
                client.post("/sandbox/faults", json=fault).raise_for_status()
        seen = browse(
            process.address,
            {"name": "recent", "path": "/@vega/overlay"},
            {"name": "progress", "path": "/@vega/overlay?show=progress"},
            {"name": "toast", "path": "/@vega/overlay?show=toast"},
            {"name": "hostile", "path": "/@hostile/overlay?count=10"},
        )
    for view in seen.values():
        check_page(view)
    assert [len(seen[name]["rows"]) for name in ("recent", "progress", "toast")] == [5, 5, 0]
    assert any(SCRIPT in row["text"] for row in seen["hostile"]["rows"])


def test_a_new_unlock_shows_by_itself() -> None:
    settings = {**SETTINGS, "TROPHYCASE_SANDBOX_UNLOCKS": "2"}
    with start_process("serve", "--sandbox", env=build_environment(**settings)) as process:
        seen = browse(
            process.address,
            {"name": "toast", "path": "/@vega/overlay?show=toast", "until": ".new"},
            {"name": "recent", "path": "/@vega/overlay", "until": ".new"},
            {"name": "broken", "path": "/@vega/overlay", "until": ".new", "interrupted": True},
        )
    for view in seen.values():
        check_page(view)
    (toast,) = seen["toast"]["rows"]
    assert toast["text"].strip()
    before, after = ([row["text"] for row in seen["recent"][each]] for each in ("before", "rows"))
    assert len(set(after)) == 5
    # What is told can be in the list already: then it is marked, and not shown twice.
    assert len(set(after) - set(before)) <= 2
    assert seen["broken"]["reconnected"] == {"status": 200, "isClosed": True}
