"""The overlay's page over HTTP; what its script does is tested in a browser."""

import re
from html import unescape

import pytest

from providers.kit.sandbox import InjectedFault
from server.embeds.overlay import POLICY
from server.live import live_connections
from tests.harness import RunningServer, run_server
from tests.server.pages.hostile import FAULTS, SCRIPT
from tests.server.pages.page_operations import KEYS, PROFILES
from tests.server.pages.test_events import Events

NAMES = re.compile(r'<p class="name" dir="auto">(.*?)</p>')


def fetch(server: RunningServer, query: str = "", profile: str = "vega") -> str:
    response = server.request("GET", f"/@{profile}/overlay?{query}")
    assert response.status_code == 200
    return response.text


def test_the_newest_unlocks_are_there_without_script() -> None:
    with run_server(sandbox=True, **KEYS, **PROFILES) as server:
        response = server.request("GET", "/@vega/overlay")
        again = server.request("HEAD", "/@vega/overlay")
        known = {"if-none-match": response.headers["etag"]}
        unchanged = server.request("GET", "/@vega/overlay", headers=known)
        three = fetch(server, "count=3")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["content-security-policy"] == POLICY
    assert response.headers["cache-control"].startswith("public, max-age=")
    assert (again.status_code, unchanged.status_code) == (200, 304)
    names = NAMES.findall(response.text)
    assert len(names) == 5
    assert NAMES.findall(three) == names[:3]
    assert 'data-show="recent" data-count="5" data-events="events">' in response.text
    assert "data-incomplete" not in response.text


@pytest.mark.slow
def test_progress_is_that_of_titles_that_have_begun() -> None:
    with run_server(sandbox=True, **KEYS, **PROFILES) as server:
        text = fetch(server, "show=progress&count=10")
    values = [int(value) for value in re.findall(r'<progress max="100" value="(\d+)"', text)]
    assert len(values) == len(NAMES.findall(text)) == 10
    assert all(0 <= value < 100 for value in values)
    assert re.search(r'<p class="facts">\d+ / \d+</p>', text)


def test_toasts_begin_with_nothing_and_cost_nothing() -> None:
    with run_server(sandbox=True, **KEYS, **PROFILES) as server:
        text = fetch(server, "show=toast")
        assert server.count_upstream_calls() == {}
    assert NAMES.findall(text) == []
    assert 'data-show="toast"' in text
    assert 'aria-live="polite"' in text


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/@nobody/overlay", 404, "There is no profile of this name."),
        ("/@vega/overlay?show=all", 400, "show must be one of: recent, progress, toast."),
        ("/@vega/overlay?count=11", 400, "count must be one of: 1, 2"),
        ("/@vega/overlay?theme=dark", 400, "There is no such parameter"),
    ],
)
def test_a_request_for_what_there_is_not_is_answered_plainly(
    path: str, status: int, message: str
) -> None:
    with run_server(sandbox=True, **KEYS, **PROFILES) as server:
        response = server.request("GET", path)
    assert response.status_code == status
    assert response.text.startswith(message)


def test_without_subscriptions_there_are_no_toasts_and_no_events() -> None:
    with run_server(sandbox=True, **PROFILES, TROPHYCASE_LIVE="off") as server:
        assert "data-events" not in fetch(server)
        response = server.request("GET", "/@vega/overlay?show=toast")
        assert (response.status_code, "TROPHYCASE_LIVE" in response.text) == (404, True)


def test_a_failing_source_leaves_the_others_and_is_looked_at_again() -> None:
    with run_server(sandbox=True, **PROFILES) as server:
        server.inject_fault("API_GetUser", status=500)
        response = server.request("GET", "/@second/overlay")
        assert response.headers["cache-control"] == "public, max-age=60"
        assert len(NAMES.findall(response.text)) == 5
        assert " data-incomplete>" in response.text
        server.inject_fault("/", status=500)
        assert " data-incomplete>" in fetch(server, "show=progress")


def test_texts_of_upstreams_are_texts() -> None:
    with run_server(sandbox=True, TROPHYCASE_PROFILES="vega=trophy:vega") as server:
        server.trophy_so.faults += [InjectedFault(**each) for each in FAULTS]
        text = fetch(server)
    assert SCRIPT in [unescape(name) for name in NAMES.findall(text)]
    assert re.findall(r"<script[^>]*>", text) == [
        '<script src="../assets/overlay.js" type="module">'
    ]
    assert not re.search(r"<[^>]*\s(?:on\w+|style)\s*=", re.sub(r'"[^"]*"', '""', text))
    sources = set(re.findall(r'<img [^>]*src="([^"]*)"', text))
    assert sources
    assert all(each.startswith("https://") for each in sources)


@pytest.mark.slow
def test_an_address_has_few_event_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_connections, "MAX_STRANGER_CONNECTIONS", 2)
    with run_server(sandbox=True, **KEYS, **PROFILES) as server:
        streams = [Events(server, path) for path in ("/@vega/events",) * 3]
        assert [stream.status for stream in streams] == [200, 200, 503]
        streams[0].disconnect()
        later = Events(server, "/@vega/events")
        assert later.status == 200
        for stream in (streams[1], later):
            stream.disconnect()


def test_the_files_of_the_overlay_are_served() -> None:
    with run_server(sandbox=True, **PROFILES) as server:
        for name in ("overlay.js", "texts.js", "overlay.css"):
            assert server.request("GET", f"/assets/{name}").status_code == 200
