"""The events of a page's accounts, for strangers too where a profile lists them."""

import json
from typing import Any

import pytest

from server.live import live_connections
from tests.harness import RunningServer, run_server
from tests.resolvers.live.subscriber import wait
from tests.resolvers.live.unlocks import unlock_psn
from tests.server.live.clients import AsgiConnection
from tests.server.pages.page_operations import KEYS, PROFILES, PUBLIC, READER

HIDDEN_SET = "NPWR00010_00"


class Events(AsgiConnection):
    """A response with the events of a page."""

    def __init__(self, server: RunningServer, path: str, query: str = "", **headers: str) -> None:
        given = {"host": "127.0.0.1:8000", "accept": "text/event-stream", **headers}
        encoded = [(name.encode(), value.encode()) for name, value in given.items()]
        scope = {"type": "http", "method": "GET", "scheme": "http", "headers": encoded}
        place = {"path": path, "raw_path": path.encode(), "query_string": query.encode()}
        super().__init__(server, {**scope, **place})
        self.start()
        self.status = self.get()["status"]
        wait(server, 1)

    def read(self) -> list[Any]:
        """Return the events that have arrived."""
        texts = (message.get("body", b"").decode() for message in self.list_sent())
        blocks = "".join(texts).split("\n\n")
        lines = (
            block.partition("data: ")[2] for block in blocks if block.startswith("event: next")
        )
        return [json.loads(line)["data"]["achievementUnlocked"] for line in lines]

    def disconnect(self) -> None:
        """Close the connection from the client's side."""
        self.put({"type": "http.disconnect"})
        self.wait_for_end()


@pytest.mark.slow
def test_a_stranger_hears_of_the_unlocks_of_a_profile_except_hidden_ones() -> None:
    with run_server(sandbox=True, **KEYS, **PROFILES) as server:
        stream = Events(server, "/@vega/events")
        assert stream.status == 200
        (locked,) = server.unlock(source="PSN", title=HIDDEN_SET, account="")[:1]
        unlock_psn(server)
        wait(server, 200)
        events = stream.read()
        names = [event["achievement"]["title"]["name"] for event in events]
        assert len(names) == 1, (locked, names)
        stream.disconnect()


@pytest.mark.slow
def test_a_viewer_hears_of_what_they_may_see() -> None:
    with run_server(sandbox=True, **KEYS) as server:
        stream = Events(server, "/events", "psn=1000000000000000001", **READER)
        server.unlock(source="PSN", title=HIDDEN_SET)
        unlock_psn(server)
        wait(server, 200)
        assert len(stream.read()) == 2
        stream.disconnect()


@pytest.mark.parametrize(
    ("path", "query", "headers", "status"),
    [
        ("/events", "", {}, 401),
        ("/events", "psn=second_player", {}, 401),
        ("/events", "", PUBLIC, 403),
        ("/events", "psn=a&psn=b", READER, 400),
        ("/events", "psn=no blanks here", READER, 400),
        ("/@nobody/events", "", READER, 404),
        ("/@vega/events", "after=unreadable", {}, 400),
    ],
)
def test_events_are_refused_before_anything_is_watched(
    path: str, query: str, headers: dict[str, str], status: int
) -> None:
    with run_server(sandbox=True, **KEYS, **PROFILES) as server:
        response = server.request("GET", f"{path}?{query}", headers=headers)
        assert response.status_code == status
        assert server.app.state.live_connections.subscriptions == 0


@pytest.mark.slow
def test_one_address_cannot_hold_the_streams_of_every_profile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live_connections, "MAX_ADDRESS_CONNECTIONS", 3)
    with run_server(sandbox=True, **KEYS, **PROFILES) as server:
        paths = ("/@vega/events", "/@second/events") * 2
        streams = [Events(server, path) for path in paths]
        assert [stream.status for stream in streams] == [200, 200, 200, 503]
        streams[0].disconnect()
        later = Events(server, "/@second/events")
        assert later.status == 200
        for stream in (*streams[1:3], later):
            stream.disconnect()


@pytest.mark.slow
def test_visitors_leave_half_of_the_streams_to_callers_with_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with run_server(sandbox=True, **KEYS, **PROFILES) as server:
        monkeypatch.setattr(server.app.state.live_connections, "max_connections", 4)
        streams = [Events(server, "/@vega/events") for _ in range(3)]
        assert [stream.status for stream in streams] == [200, 200, 503]
        readers = [Events(server, "/events", **READER) for _ in range(2)]
        assert [stream.status for stream in readers] == [200, 200]
        for stream in (*streams[:2], *readers):
            stream.disconnect()


def test_without_subscriptions_there_are_no_events() -> None:
    with run_server(sandbox=True, **PROFILES, TROPHYCASE_LIVE="off") as server:
        assert server.request("GET", "/@vega/events").status_code == 404
        page = server.request("GET", "/@vega", headers={"accept": "text/html"})
        assert (page.status_code, "data-events" in page.text) == (200, False)


def test_pages_of_other_sites_reach_public_profiles_alone() -> None:
    foreign = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
    with run_server(sandbox=True, **PROFILES) as server:
        public = server.request("GET", "/@nobody/events", headers=foreign)
        own = server.request("GET", "/events", headers=foreign)
        posted = server.request("POST", "/@vega/events", headers=foreign)
    assert (public.status_code, own.status_code, posted.status_code) == (404, 403, 403)
