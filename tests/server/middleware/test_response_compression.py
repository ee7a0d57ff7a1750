"""Which responses are compressed, and that they stay the same."""

from typing import Any

import httpx
import pytest

from tests.harness import RunningServer, run_server

LIST = "{ viewer { trophyTitles(first: 20) { edges { node { name icon { url } platforms } } } } }"
SMALL = "{ viewer { displayName } }"
GZIP = {"Accept-Encoding": "br, gzip"}


def send(server: RunningServer, query: str, **headers: str) -> httpx.Response:
    return server.request("POST", "/graphql", json={"query": query}, headers=headers)


def read_data(answer: httpx.Response) -> Any:
    assert answer.status_code == 200
    return answer.json()["data"]


def test_a_response_is_compressed_for_a_client_that_accepts_it(server: RunningServer) -> None:
    plain = send(server, LIST)
    first, second, third = (send(server, LIST, **GZIP) for _ in range(3))

    assert "content-encoding" not in plain.headers
    for answer in (first, second, third):
        assert answer.headers["content-encoding"] == "gzip"
        assert "Accept-Encoding" in answer.headers["vary"]
        assert int(answer.headers["content-length"]) * 2 < int(plain.headers["content-length"])
        assert read_data(answer) == read_data(plain)


def test_a_small_response_is_not_compressed(server: RunningServer) -> None:
    for _ in range(3):
        answer = send(server, SMALL, **GZIP)
        assert "content-encoding" not in answer.headers
        assert read_data(answer)["viewer"]["displayName"]


def test_events_are_not_compressed(server: RunningServer) -> None:
    for _ in range(3):
        answer = send(server, LIST, **GZIP, Accept="text/event-stream")
        assert "content-encoding" not in answer.headers
        assert answer.text.startswith("event: next\ndata: {")


def test_an_export_is_compressed_while_it_is_written(server: RunningServer) -> None:
    path = "/export?account=RETRO_ACHIEVEMENTS:VegaNorth"
    plain = server.request("GET", path)
    compressed = server.request("GET", path, headers=GZIP)

    assert compressed.headers["content-encoding"] == "gzip"
    assert compressed.content == plain.content


@pytest.mark.slow
def test_the_explorers_page_is_compressed(server: RunningServer) -> None:
    page = server.request("GET", "/graphql", headers={**GZIP, "Accept": "text/html"})

    assert page.headers["content-encoding"] == "gzip"
    assert {"Accept", "Accept-Encoding"} <= set(page.headers["vary"].split(", "))


def test_what_is_stored_is_compressed_once() -> None:
    parts: list[object] = []
    with run_server() as server:
        cache = server.app.state.operation_runner.response_cache
        send(server, LIST)
        send(server, LIST)
        (stored,) = cache.responses.values()
        before = cache.responses.currsize
        for _ in range(3):
            send(server, LIST, **GZIP)
            parts.append(stored.compressed)
        assert stored.compressed is not None
        assert all(part is parts[0] for part in parts)
        assert cache.responses.currsize == before + len(stored.compressed.data)


def test_a_large_response_is_compressed_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.response_cache.MIN_THREAD_BYTES", 1_000)
    with run_server() as server:
        plain = send(server, LIST)
        answers = [send(server, LIST, **GZIP) for _ in range(3)]
    assert [read_data(answer) for answer in answers] == [read_data(plain)] * 3
