"""Played games."""

import pytest

from providers.capabilities import HasPlayedGames, PageKey
from providers.errors import BadResponse, NotFound, Private, ProviderError
from providers.kit.sandbox import InjectedFault
from providers.psn.client import PsnClient
from providers.psn.people.played_game_mapping import parse_duration
from providers.psn.sandbox.app import PsnSandbox, create_sandbox
from providers.psn.sandbox.constants import FRESH_ACCOUNT_ID, FRIEND_ONLINE_ID, STRANGER_ACCOUNT_ID
from providers.psn_records import PsnPlayedGame, PsnPlayedGamePage
from tests.providers.psn.harness import JSON, MOBILE, TROPHY, count_calls, run_with_client, unwrap

LIST = f"{MOBILE}/api/gamelist/v2/users/me/titles"


def load_games(
    *keys: PageKey, sandbox: PsnSandbox | None = None, language: str | None = None
) -> list[PsnPlayedGamePage | ProviderError]:
    async def scenario(client: PsnClient) -> list[PsnPlayedGamePage | ProviderError]:
        assert isinstance(client, HasPlayedGames)
        found = await client.get_played_games(keys)
        return [one if isinstance(one, ProviderError) else one.value for one in found]

    return run_with_client(scenario, sandbox, language=language)


def load_row(sandbox: PsnSandbox, **fields: object) -> PsnPlayedGame:
    body = {"titles": [{"titleId": "CUSA00001_00", **fields}, {"name": "nameless"}, 5]}
    sandbox.faults.append(InjectedFault("gamelist", 200, body, JSON))
    (page,) = load_games(PageKey("me"), sandbox=sandbox)
    assert isinstance(page, PsnPlayedGamePage)
    assert (page.total, page.next_offset) == (None, None)
    return page.games[0]


def test_games_come_last_played_first_and_without_other_apps() -> None:
    sandbox = create_sandbox()
    (page,) = load_games(PageKey("me"), sandbox=sandbox)
    assert isinstance(page, PsnPlayedGamePage)
    assert (len(page.games), page.total, page.next_offset) == (12, 12, None)
    quest = page.games[1]
    assert (quest.np_title_id, quest.concept_id) == ("PPSA00001_00", "10000001")
    assert (quest.name, quest.category) == ("Sample Quest", "ps5_native_game")
    assert (quest.play_count, quest.play_duration_seconds) == (113, 92 * 3600 + 42 * 60 + 16)
    assert quest.image is not None
    assert quest.first_played_at is not None
    assert quest.first_played_at.isoformat() == "2025-02-28T03:21:09.800000+00:00"
    assert count_calls(sandbox) == {LIST: 1}


def test_names_are_in_the_requested_language() -> None:
    (page,) = load_games(PageKey("me"), language="de-DE")
    assert isinstance(page, PsnPlayedGamePage)
    assert page.games[1].name == "Musterreise"


def test_games_of_others_are_listed_empty_private_or_not_found() -> None:
    named, none, hidden, nobody = load_games(
        PageKey(FRIEND_ONLINE_ID),
        PageKey(FRESH_ACCOUNT_ID),
        PageKey(STRANGER_ACCOUNT_ID),
        PageKey("12345"),
    )
    assert isinstance(named, PsnPlayedGamePage)
    assert len(named.games) == 3
    assert none == PsnPlayedGamePage(games=(), total=0)
    assert isinstance(hidden, Private)
    assert isinstance(nobody, NotFound)


def test_a_smaller_limit_is_read_from_the_error_and_reused() -> None:
    sandbox = create_sandbox()
    sandbox.settings["game_list_limit"] = 5

    async def scenario(client: PsnClient) -> list[str]:
        found: list[str] = []
        offset: int | None = 0
        while offset is not None:
            page = unwrap((await client.get_played_games([PageKey("me", offset)]))[0])
            found += [game.np_title_id for game in page.games]
            offset = page.next_offset
        return found

    assert len(set(run_with_client(scenario, sandbox))) == 12
    assert count_calls(sandbox) == {LIST: 4}


def test_an_error_without_a_smaller_limit_is_raised() -> None:
    sandbox = create_sandbox()
    body = {"error": {"code": 3239940, "reason": "BadRequest", "message": "limit 200 of 500"}}
    sandbox.faults.append(InjectedFault("gamelist", 400, body, JSON))
    (refused,) = load_games(PageKey("me"), sandbox=sandbox)
    assert isinstance(refused, BadResponse)
    assert count_calls(sandbox) == {LIST: 1}


def test_a_limit_that_shrinks_with_every_response_is_followed_a_bounded_number_of_times() -> None:
    sandbox = create_sandbox()
    for limit in (200, 150, 100, 50):
        text = f"Requested limit {limit} exceeds the allowed limit {limit - 50}"
        body = {"error": {"code": 3239940, "message": text}}
        sandbox.faults.append(InjectedFault("gamelist", 400, body, JSON, times=1))
    (refused,) = load_games(PageKey("me"), sandbox=sandbox)
    assert isinstance(refused, BadResponse)
    assert count_calls(sandbox) == {LIST: 3}


def test_trophy_sets_are_loaded_five_at_a_time() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> dict[str, list[str]]:
        page = unwrap((await client.get_played_games([PageKey("me")]))[0])
        builds = [game.np_title_id for game in page.games]
        found = await client.get_titles_by_product("me", builds)
        return {build: [one.native_id for one in unwrap(found[build])] for build in builds}

    sets = run_with_client(scenario, sandbox)
    assert sets["PPSA00001_00"] == ["NPWR00001_00"]
    assert count_calls(sandbox) == {LIST: 1, f"{TROPHY}/users/me/titles/trophyTitles": 3}


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
