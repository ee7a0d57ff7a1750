"""Operations of pages run as any other, with the rights of the page's caller."""

import logging
from typing import Any

import pytest

from schema.federated_schema import FederatedSchema
from server.limits.document import parse_document
from server.observability.json_logging import FIELDS
from server.pages.page_client import Answer, load_operation
from tests.harness import NO_CALLS, run_server
from tests.server.documents.document_folder import SEASON
from tests.server.pages.page_operations import (
    KEYS,
    OPERATION_NAMES,
    PROFILES,
    PUBLIC,
    VEGA,
    make_request,
    make_services,
    run,
    run_for_profile,
)

HIDDEN_SET = "NPWR00010_00"


def get_names(answer: Answer) -> list[Any]:
    return [
        edge["node"]["title"] and edge["node"]["title"]["name"]
        for edge in answer.data["user"]["achievements"]["edges"]
    ]


def get_sources(answer: Answer) -> set[str]:
    return {edge["node"]["source"] for edge in answer.data["user"]["achievements"]["edges"]}


def get_states(answer: Answer) -> dict[str, str]:
    statuses = answer.data["user"]["achievements"]["sources"]
    return {each["source"]: each["state"] for each in statuses}


@pytest.mark.parametrize("name", OPERATION_NAMES)
def test_every_operation_of_a_page_is_valid(name: str) -> None:
    with run_server() as server:
        graph: FederatedSchema = server.app.state.operation_runner.graph
        assert graph.prepare(load_operation(name), parse_document).errors == []


@pytest.mark.parametrize("name", [each for each in OPERATION_NAMES if each != "unlocked"])
def test_a_profile_is_shown_to_a_stranger(name: str) -> None:
    text = load_operation(name)
    given = {"first": 5, "titles": 5, "orderBy": "LAST_UPDATED"}
    variables = {each: value for each, value in given.items() if f"${each}" in text}
    with run_server(sandbox=True, **KEYS, **PROFILES) as server:
        answer = run_for_profile(server, "second", name, **variables)
        assert answer.errors == ()
        assert answer.data["user"]
        assert answer.freshness is not None


@pytest.mark.slow
def test_the_operators_own_account_is_shown_without_what_they_have_hidden() -> None:
    with run_server(sandbox=True, **KEYS, **PROFILES) as server:
        query = (
            '{ user(accounts: [{source: PSN, handle: "me"}]) '
            f'{{ trophyTitle(nativeId: "{HIDDEN_SET}") {{ name earnedCount }} }} }}'
        )
        headers = {"authorization": "Bearer key-of-the-reader"}
        hidden = server.fetch_data(query, headers=headers)["user"]["trophyTitle"]
        assert hidden["earnedCount"]

        answer = run_for_profile(server, "vega", "unlocks", first=100)
        names = get_names(answer)
        while (info := answer.data["user"]["achievements"]["pageInfo"])["hasNextPage"]:
            answer = run_for_profile(server, "vega", "unlocks", first=100, after=info["endCursor"])
            assert answer.errors == ()
            names += get_names(answer)
        assert len(set(names)) > 10
        assert hidden["name"] not in names


@pytest.mark.slow
def test_a_public_key_is_never_served_what_a_profile_has_stored() -> None:
    with run_server(sandbox=True, **KEYS, **PROFILES) as server:
        for _ in range(3):
            stored = run_for_profile(server, "vega", "unlocks", first=5)
            assert {"PSN"} < get_sources(stored)
        query = VEGA.partition("=")[2].replace(":", "=").replace("+", "&")
        request = make_request(query=query, headers=PUBLIC)
        subject = make_services(server).find_caller_subject(request)
        answer = run(server, request, subject, "unlocks", first=5)

        states = get_states(answer)
        assert {name for name, state in states.items() if state == "OK"} == {
            "RETRO_ACHIEVEMENTS",
            "TROPHY_SO",
        }
        assert get_sources(answer) <= {"RETRO_ACHIEVEMENTS", "TROPHY_SO"}


def test_a_failing_source_leaves_the_others_and_is_named() -> None:
    with run_server(sandbox=True, **PROFILES) as server:
        server.inject_fault("API_GetUser", status=500)
        answer = run_for_profile(server, "second", "unlocks", first=5)
        assert get_states(answer) == {"PSN": "OK", "RETRO_ACHIEVEMENTS": "UNAVAILABLE"}
        assert set(get_names(answer))


def test_what_exceeds_a_limit_is_a_failure_of_the_answer() -> None:
    with run_server(sandbox=True, **PROFILES, TROPHYCASE_MAX_FIELDS="10") as server:
        answer = run_for_profile(server, "vega", "unlocks", first=100)
        assert answer.data == {}
        assert [each.code for each in answer.errors] == ["OPERATION_TOO_COSTLY"]
        assert server.count_upstream_calls() == NO_CALLS


def test_an_operation_of_a_page_runs_where_only_the_operators_documents_do(tmp_path: Any) -> None:
    (tmp_path / "season.graphql").write_text(SEASON, encoding="utf-8")
    only = {"TROPHYCASE_DOCUMENTS": str(tmp_path), "TROPHYCASE_DOCUMENTS_ONLY": "on"}
    with run_server(sandbox=True, **PROFILES, **only) as server:
        assert run_for_profile(server, "second", "unlocks", first=1).errors == ()


def test_each_operation_has_its_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with (
        run_server(sandbox=True, **PROFILES) as server,
        caplog.at_level(logging.INFO, "trophycase.operations"),
    ):
        run_for_profile(server, "second", "unlocks", first=1)
    (line,) = [record for record in caplog.records if record.name == "trophycase.operations"]
    fields = vars(line)[FIELDS]
    assert (fields["caller"], fields["operation"]) == ("public:profile:second", "PageUnlocks")
    assert "second_player" not in str(fields)
