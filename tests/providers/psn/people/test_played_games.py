"""Lists of played games, and the page limit that PSN changes."""

from providers.capabilities import PageKey
from providers.errors import BadResponse, NotFound, Private
from providers.kit.sandbox import InjectedFault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import create_sandbox
from providers.psn.sandbox.constants import FRESH_ACCOUNT_ID, FRIEND_ONLINE_ID, STRANGER_ACCOUNT_ID
from providers.psn_records import PsnPlayedGamePage
from tests.providers.psn.harness import JSON, MOBILE, TROPHY, count_calls, run_with_client, unwrap
from tests.providers.psn.people.played_game_harness import load_games

LIST = f"{MOBILE}/api/gamelist/v2/users/me/titles"


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
    listed, empty, hidden, not_found = load_games(
        PageKey(FRIEND_ONLINE_ID),
        PageKey(FRESH_ACCOUNT_ID),
        PageKey(STRANGER_ACCOUNT_ID),
        PageKey("12345"),
    )
    assert isinstance(listed, PsnPlayedGamePage)
    assert len(listed.games) == 3
    assert empty == PsnPlayedGamePage(games=(), total=0)
    assert isinstance(hidden, Private)
    assert isinstance(not_found, NotFound)


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


def test_a_refusal_of_every_limit_is_raised_and_not_remembered() -> None:
    sandbox = create_sandbox()
    body = {"error": {"code": 3239940, "reason": "BadRequest", "message": "limit 200 of 500"}}
    fault = InjectedFault("gamelist", 400, body, JSON)
    sandbox.faults.append(fault)

    async def scenario(client: PsnClient) -> None:
        (refused,) = await client.get_played_games([PageKey("me")])
        assert isinstance(refused, BadResponse)
        sandbox.faults.clear()
        assert len(unwrap((await client.get_played_games([PageKey("me")]))[0]).games) == 12

    run_with_client(scenario, sandbox)
    sizes = [
        request.url.params["limit"] for request in sandbox.log if "gamelist" in str(request.url)
    ]
    assert sizes == ["200", "100", "50", "25", "12", "6", "3", "1", "200"]


def test_a_limit_that_shrinks_with_every_response_is_followed_a_bounded_number_of_times() -> None:
    sandbox = create_sandbox()
    for limit in range(200, 100, -1):
        text = f"Requested limit {limit} exceeds the allowed limit {limit - 1}"
        body = {"error": {"code": 3239940, "message": text}}
        sandbox.faults.append(InjectedFault("gamelist", 400, body, JSON, times=1))
    (refused,) = load_games(PageKey("me"), sandbox=sandbox)
    assert isinstance(refused, BadResponse)
    assert count_calls(sandbox) == {LIST: 11}


def test_trophy_sets_are_loaded_five_at_a_time() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> dict[str, list[str]]:
        page = unwrap((await client.get_played_games([PageKey("me")]))[0])
        builds = [game.np_title_id for game in page.games]
        found = await client.get_titles_by_product("me", builds)
        return {build: [title.native_id for title in unwrap(found[build])] for build in builds}

    sets = run_with_client(scenario, sandbox)
    assert sets["PPSA00001_00"] == ["NPWR00001_00"]
    assert count_calls(sandbox) == {LIST: 1, f"{TROPHY}/users/me/titles/trophyTitles": 3}
