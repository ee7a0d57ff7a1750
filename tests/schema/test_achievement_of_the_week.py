"""The achievement of the week, and the title that it belongs to."""

from typing import Any

import pytest

from tests.harness import GraphQLResponse, RunningServer, run_server
from tests.server.caller_headers import SECOND_ON_RETRO, make_bearer_headers

TITLE = "title { nativeId name platforms }"


def query(server: RunningServer, fields: str, **options: Any) -> GraphQLResponse:
    return server.execute(f"{{ achievementOfTheWeek {{ {fields} }} }}", **options)


def test_one_call_has_the_achievement_and_the_name_of_its_title(server: RunningServer) -> None:
    response = query(server, f"startsAt unlockCount achievement {{ name earned }} {TITLE}")
    assert response.data["achievementOfTheWeek"] == {
        "startsAt": "2026-10-12T00:00:00Z",
        "unlockCount": 621,
        "achievement": {"name": "Downpour Cup", "earned": None},
        "title": {"nativeId": "640", "name": "Puddle Racers", "platforms": ["Nintendo 64"]},
    }
    assert response.upstream_calls == {"RETRO_ACHIEVEMENTS": 1}


def test_one_more_call_has_whatever_else_the_title_has(server: RunningServer) -> None:
    fields = """title { icon { url } achievementCount achievements { nativeId rarity { percent } } }
      achievement { title { name } group { name } }"""
    response = query(server, fields)
    found = response.data["achievementOfTheWeek"]
    assert found["title"]["achievementCount"] == len(found["title"]["achievements"]) == 8
    assert found["title"]["icon"]["url"]
    assert found["achievement"] == {
        "title": {"name": "Puddle Racers"},
        "group": {"name": "Puddle Racers"},
    }
    assert response.upstream_calls == {"RETRO_ACHIEVEMENTS": 2}


def test_the_achievement_is_found_by_its_id(server: RunningServer) -> None:
    node_id = query(server, "achievement { id }").data["achievementOfTheWeek"]["achievement"]["id"]
    text = "query ($id: ID!) { node(id: $id) { ... on Achievement { name } } }"
    assert server.fetch_data(text, {"id": node_id}) == {"node": {"name": "Downpour Cup"}}


def test_without_one_it_is_null(server: RunningServer) -> None:
    server.retro.database.achievement_of_the_week = None
    assert query(server, TITLE).data == {"achievementOfTheWeek": None}


def test_it_is_the_same_for_every_caller() -> None:
    keys = "public:key-of-the-public:public"
    with run_server(TROPHYCASE_API_KEYS=keys) as server:
        public = query(server, TITLE, headers=make_bearer_headers("key-of-the-public"))
        own = query(server, TITLE, headers=SECOND_ON_RETRO)
    assert public.data == own.data
    assert public.data["achievementOfTheWeek"]["title"]["name"] == "Puddle Racers"


def test_a_server_without_retroachievements_says_so() -> None:
    with run_server(sandbox=False) as server:
        response = query(server, TITLE)
    assert response.partial_data == {"achievementOfTheWeek": None}
    assert response.error_codes == {"SOURCE_NOT_CONFIGURED"}


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"status": 503}, "UPSTREAM_UNAVAILABLE"),
        ({"status": 401, "body": {}}, "UPSTREAM_UNAUTHENTICATED"),
        ({"status": 200, "body": "<p>busy</p>"}, "UPSTREAM_BAD_RESPONSE"),
    ],
)
def test_one_that_cannot_be_loaded_is_null_with_the_reason(
    server: RunningServer, fault: dict[str, Any], code: str
) -> None:
    server.inject_fault("GetAchievementOfTheWeek", **fault)
    response = query(server, TITLE)
    assert response.partial_data == {"achievementOfTheWeek": None}
    assert response.codes == {"achievementOfTheWeek": code}
