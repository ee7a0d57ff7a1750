"""What runs of the operator's documents, for whom, and what stops the start."""

import json
from pathlib import Path

import pytest

from server.settings import SettingError, read_settings
from tests.harness import RunningServer
from tests.server.documents.document_folder import (
    CHANGE,
    KEY_HEADERS,
    PUBLIC,
    SEASON,
    TITLES,
    hash_text,
    request_document,
    run_with_documents,
)

FIRST = {"first": 2}


def fetch_code(server: RunningServer, name: str, **headers: str) -> tuple[int, str]:
    answer = request_document(server, name, FIRST, headers)
    return answer.status_code, answer.json()["errors"][0]["extensions"]["code"]


def test_a_document_runs_by_its_names_and_its_hash(tmp_path: Path) -> None:
    with run_with_documents(tmp_path, {"list": TITLES}) as server:
        for name in ("list", "Titles", hash_text(TITLES)):
            answer = request_document(server, name, FIRST, KEY_HEADERS)
            assert len(answer.json()["data"]["viewer"]["trophyTitles"]["edges"]) == 2
            assert answer.headers["cache-control"] == "private, no-store"
        body = {"variables": FIRST}
        answer = server.request("POST", "/graphql/list", json=body, headers=KEY_HEADERS)
        assert answer.json()["data"]["viewer"]
        extensions = {"persistedQuery": {"version": 1, "sha256Hash": hash_text(TITLES)}}
        known = {"extensions": extensions, "variables": FIRST}
        answer = server.request("POST", "/graphql", json=known, headers=KEY_HEADERS)
        assert answer.json()["data"]["viewer"]


def test_a_document_needs_a_key_unless_they_are_public(tmp_path: Path) -> None:
    with run_with_documents(tmp_path, {"list": TITLES}) as server:
        assert fetch_code(server, "list") == (401, "UNAUTHENTICATED")
    with run_with_documents(tmp_path, {"list": TITLES}, **PUBLIC) as server:
        answer = request_document(server, "list", FIRST)
        assert answer.json()["data"]["viewer"]["trophyTitles"]["edges"]
        assert fetch_code(server, "other") == (404, "NOT_FOUND")
        wrong = fetch_code(server, "list", Authorization="Bearer key-of-somebody-else")
        assert wrong == (401, "UNAUTHENTICATED")
        query = {"query": TITLES, "variables": FIRST}
        assert server.request("POST", "/graphql", json=query).status_code == 401


def test_a_link_from_another_site_leads_to_a_document_that_is_public_alone(tmp_path: Path) -> None:
    visit = {
        "Accept": "text/html, */*;q=0.8",
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document",
    }
    documents = {"list": TITLES, "leave": CHANGE}
    with run_with_documents(tmp_path, documents, **PUBLIC) as server:
        answer = request_document(server, "list", FIRST, visit)
        assert answer.json()["data"]["viewer"]["trophyTitles"]["edges"]
        framed = {**visit, "Sec-Fetch-Dest": "iframe"}
        script = {**visit, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"}
        for headers in (framed, script, {**visit, "Origin": "https://other.example"}):
            assert fetch_code(server, "list", **headers) == (403, "FORBIDDEN")
        for name in ("leave", "other"):
            assert fetch_code(server, name, **visit) == (403, "FORBIDDEN")
    with run_with_documents(tmp_path, documents) as server:
        assert fetch_code(server, "list", **visit) == (403, "FORBIDDEN")


def test_a_public_document_runs_by_its_hash_as_apollos_client_sends_it(tmp_path: Path) -> None:
    sent = {"persistedQuery": {"version": 1, "sha256Hash": hash_text(TITLES)}}
    parameters = {"extensions": json.dumps(sent), "variables": json.dumps(FIRST)}
    with run_with_documents(tmp_path, {"list": TITLES}, **PUBLIC) as server:
        answer = server.request("GET", "/graphql", params=parameters)
        assert answer.json()["data"]["viewer"]["trophyTitles"]["edges"]
        with_text = {**parameters, "query": TITLES}
        assert server.request("GET", "/graphql", params=with_text).status_code == 401


def test_what_writes_needs_a_key_and_post(tmp_path: Path) -> None:
    with run_with_documents(tmp_path, {"leave": CHANGE}, **PUBLIC) as server:
        assert server.request("POST", "/graphql/leave", json={}).status_code == 401
        assert server.request("GET", "/graphql/leave").status_code == 401
        variables = {"input": {"account": "me", "friend": "x", "idempotencyKey": "k"}}
        answer = request_document(server, "leave", variables, KEY_HEADERS)
        assert answer.status_code in (400, 405)
        assert server.count_upstream_calls() == {}


def test_a_request_for_a_document_brings_no_query(tmp_path: Path) -> None:
    with run_with_documents(tmp_path, {"season": SEASON}) as server:
        body = {"query": "{ viewer { displayName } }"}
        answer = server.request("POST", "/graphql/season", json=body, headers=KEY_HEADERS)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["extensions"]["argument"] == "query"


def test_no_other_document_runs_where_only_these_may(tmp_path: Path) -> None:
    with run_with_documents(tmp_path, {"season": SEASON}, TROPHYCASE_DOCUMENTS_ONLY="on") as server:
        allowed = server.execute(SEASON, headers=KEY_HEADERS)
        assert allowed.data["user"]["displayName"] == "VegaNorth"
        assert request_document(server, "season", headers=KEY_HEADERS).status_code == 200
        for text in ("{ __typename }", f"{SEASON} ", "{ __schema { types { name } } }"):
            refused = server.execute(text, headers=KEY_HEADERS)
            assert (refused.status, refused.error["code"]) == (403, "FORBIDDEN")


def test_a_reader_without_a_key_cannot_make_the_cache_be_passed_by(tmp_path: Path) -> None:
    with run_with_documents(tmp_path, {"list": TITLES}, **PUBLIC) as server:
        request_document(server, "list", FIRST)
        calls = server.count_upstream_calls()
        request_document(server, "list", FIRST, {"Cache-Control": "no-cache"})
        assert server.count_upstream_calls() == calls


def test_readers_without_a_key_share_one_quota(tmp_path: Path) -> None:
    limits = {"TROPHYCASE_CALLER_RATE": "1/900", **PUBLIC}
    with run_with_documents(tmp_path, {"list": TITLES}, **limits) as server:
        for _ in range(3):
            request_document(server, "list", FIRST)
        assert sum(server.count_upstream_calls().values()) <= 1


@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        ({"a": "{ viewer { nothing } }"}, "a.graphql: Cannot query field 'nothing'"),
        ({"a": "{"}, "a.graphql: Syntax Error"),
        ({"a": "query A { __typename } query B { __typename }"}, "a.graphql: must have exactly"),
        ({"a": "fragment F on User { id } { __typename }", "b": "{"}, "a.graphql: Fragment 'F'"),
        ({"a": "{ __typename }", "b": "query a { __typename }"}, "b.graphql: another document"),
        ({"a": f"{{ {'__typename ' * 5000} }}"}, "a.graphql: "),
    ],
)
def test_a_bad_document_stops_the_start_in_one_line(
    tmp_path: Path, texts: dict[str, str], problem: str
) -> None:
    with (
        pytest.raises(SettingError, match=problem) as raised,
        run_with_documents(tmp_path, texts),
    ):
        pass
    assert str(raised.value).startswith("TROPHYCASE_DOCUMENTS: ")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", ["TROPHYCASE_DOCUMENTS_PUBLIC", "TROPHYCASE_DOCUMENTS_ONLY"])
def test_what_is_said_of_documents_needs_some(name: str) -> None:
    with pytest.raises(SettingError, match=f"{name}: needs TROPHYCASE_DOCUMENTS"):
        read_settings({name: "on"}, sandbox=True)


def test_without_documents_there_is_no_such_route(server: RunningServer) -> None:
    assert request_document(server, "list").status_code == 404
