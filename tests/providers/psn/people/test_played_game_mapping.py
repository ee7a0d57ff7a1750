"""Rows of the game list as records."""

import pytest

from providers.capabilities import PageKey
from providers.kit.sandbox import InjectedFault
from providers.psn.people.played_game_mapping import parse_duration
from providers.psn.sandbox.app import PsnSandbox, create_sandbox
from providers.psn_records import PsnPlayedGame, PsnPlayedGamePage
from tests.providers.psn.harness import JSON
from tests.providers.psn.people.played_game_harness import load_games


def load_row(sandbox: PsnSandbox, **fields: object) -> PsnPlayedGame:
    body = {"titles": [{"titleId": "CUSA00001_00", **fields}, {"name": "nameless"}, 5]}
    sandbox.faults.append(InjectedFault("gamelist", 200, body, JSON))
    (page,) = load_games(PageKey("me"), sandbox=sandbox)
    assert isinstance(page, PsnPlayedGamePage)
    assert (page.total, page.next_offset) == (None, None)
    return page.games[0]


def test_missing_or_invalid_fields_are_null() -> None:
    sandbox = create_sandbox()
    game = load_row(
        sandbox, concept=None, playDuration="a while", playCount=None, imageUrl="ftp://x"
    )
    assert game == PsnPlayedGame(np_title_id="CUSA00001_00")


def test_the_concept_id_is_always_a_string() -> None:
    assert load_row(create_sandbox(), concept={"id": 5}).concept_id == "5"
    assert load_row(create_sandbox(), concept={"id": "5"}).concept_id == "5"
    assert load_row(create_sandbox(), concept={"id": {}}).concept_id is None
    assert load_row(create_sandbox(), concept={}).concept_id is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PT215H2M16S", 774_136),
        ("PT42S", 42),
        ("PT0S", 0),
        ("PT6H", 21_600),
        ("PT31H1S", 111_601),
        ("P1DT1H", 90_000),
        ("PT1.9S", 1),
        ("PT", None),
        ("P", None),
        ("", None),
        (None, None),
        ("PT-1S", None),
        ("PT1S\n", None),
        ("P1Y", None),
        ("PT\u0661S", None),
        ("PT999999H", None),
    ],
)
def test_a_duration_is_parsed_to_seconds_or_null(text: str | None, expected: int) -> None:
    assert parse_duration(text) == expected
