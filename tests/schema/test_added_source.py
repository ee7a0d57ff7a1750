"""A source is added by one folder and one line in the registry; its accounts can be refetched."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from providers.registry import Source

REPOSITORY = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def responses() -> dict[str, Any]:
    """Run the queries of `added_source` in a process whose registry has the added source."""
    command = [sys.executable, "-m", "tests.schema.added_source"]
    process = subprocess.run(  # noqa: S603 - our own module
        command, cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    return json.loads(process.stdout)


@pytest.fixture
def account(responses: dict[str, Any]) -> dict[str, Any]:
    return responses["viewer"]["data"]["viewer"]["accounts"][-1]


def get_error_code(response: dict[str, Any]) -> str:
    (error,) = response["errors"]
    return error["extensions"]["code"]


def test_the_viewer_has_a_plain_account(responses: dict[str, Any], account: dict[str, Any]) -> None:
    assert len(responses["viewer"]["data"]["viewer"]["accounts"]) == len(Source) + 1
    assert account == {
        "__typename": "PlainAccount",
        "id": account["id"],
        "source": "QUIZ",
        "handle": "Ada",
        "nativeId": "p7",
        "displayName": "Ada",
        "status": {"state": "OK"},
    }


def test_an_account_has_the_same_id_under_every_handle(
    responses: dict[str, Any], account: dict[str, Any]
) -> None:
    (by_id,) = responses["user"]["data"]["user"]["accounts"]
    assert by_id["id"] == account["id"]


def test_an_unknown_account_is_not_found(responses: dict[str, Any]) -> None:
    (unknown,) = responses["unknown"]["data"]["user"]["accounts"]
    assert unknown == {"displayName": None, "status": {"state": "NOT_FOUND"}}


def test_the_timeline_includes_the_source(responses: dict[str, Any]) -> None:
    viewer = responses["viewer"]["data"]["viewer"]
    (earned,) = viewer["achievements"]["edges"]
    assert (earned["node"]["name"], earned["node"]["source"]) == ("First answer", "QUIZ")
    assert viewer["achievements"]["sources"] == [{"source": "QUIZ", "state": "OK"}]
    assert viewer["locked"]["edges"] == [{"node": {"name": "All answers"}}]
    of_all_sources = [edge["node"]["source"] for edge in viewer["timeline"]["edges"]]
    assert of_all_sources.count("QUIZ") == 1
    assert of_all_sources[0] == "QUIZ"  # the newest unlock


def test_sources_include_the_source_with_its_rate_limit(responses: dict[str, Any]) -> None:
    assert responses["sources"]["data"]["sources"][-1] == {
        "source": "QUIZ",
        "status": {"state": "OK"},
        "budget": {"limit": 100},
    }


def test_the_forms_of_a_handle_are_described(responses: dict[str, Any]) -> None:
    descriptions = [
        field["description"] for field in responses["input"]["data"]["__type"]["inputFields"]
    ]
    assert "Quiz Night: a player's name or id." in descriptions[1]


def test_a_plain_account_is_found_by_its_id(
    responses: dict[str, Any], account: dict[str, Any]
) -> None:
    node = responses["node"]["data"]["node"]
    assert node == {key: account[key] for key in ("__typename", "id", "handle")}


def test_an_achievement_of_the_source_is_found_by_its_id(responses: dict[str, Any]) -> None:
    earned = responses["viewer"]["data"]["viewer"]["achievements"]["edges"][0]["node"]
    assert responses["achievement"]["data"]["node"] == {"id": earned["id"], "name": earned["name"]}


def test_a_plain_account_is_an_entity(responses: dict[str, Any], account: dict[str, Any]) -> None:
    (entity,) = responses["entity"]["data"]["_entities"]
    assert entity == {key: account[key] for key in ("id", "source", "displayName")}


def test_a_plain_account_has_no_key_besides_its_id(responses: dict[str, Any]) -> None:
    assert get_error_code(responses["entity without an id"]) == "BAD_USER_INPUT"


def test_an_id_of_another_account_type_is_invalid(responses: dict[str, Any]) -> None:
    for response in responses["foreign nodes"]:
        assert response["data"] == {"node": None}
        assert get_error_code(response) == "BAD_USER_INPUT"
    for response in responses["foreign entities"]:
        assert response["data"] == {"_entities": [None]}
        assert get_error_code(response) == "BAD_USER_INPUT"


def test_a_player_is_called_once_for_each_handle(responses: dict[str, Any]) -> None:
    # By the viewer's own name, by id, and for the unknown one.
    assert responses["calls"]["QUIZ"] == 3
