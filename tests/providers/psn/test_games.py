"""Played games."""

import pytest

from providers.capabilities import HasPlayedGames, PageKey
from providers.errors import BadResponse, NotFound, Private, ProviderError
from providers.kit.sandbox import Fault
from providers.psn.client import PsnClient
from providers.psn.people.played_games import seconds
from providers.psn.sandbox.app import PsnSandbox, psn_sandbox
from providers.psn.sandbox.world import FRESH_ACCOUNT_ID, FRIEND_ONLINE_ID, STRANGER_ACCOUNT_ID
from providers.records import PsnPlayedGame, PsnPlayedGamePage
from tests.providers.psn.asking import MOBILE, TROPHY, ask, calls, value

LIST = f"{MOBILE}/api/gamelist/v2/users/me/titles"
JSON = {"content-type": "application/json"}


def games(
    *keys: PageKey, sandbox: PsnSandbox | None = None, language: str | None = None
) -> list[PsnPlayedGamePage | ProviderError]:
    async def question(client: PsnClient) -> list[PsnPlayedGamePage | ProviderError]:
        assert isinstance(client, HasPlayedGames)
        found = await client.played_games(keys)
        return [one if isinstance(one, ProviderError) else one.value for one in found]

    return ask(question, sandbox, language=language)


def row(sandbox: PsnSandbox, **fields: object) -> PsnPlayedGame:
    body = {"titles": [{"titleId": "CUSA00001_00", **fields}, {"name": "nameless"}, 5]}
    sandbox.faults.append(Fault("gamelist", 200, body, JSON))
    (page,) = games(PageKey("me"), sandbox=sandbox)
    assert isinstance(page, PsnPlayedGamePage)
    assert (page.total, page.next_offset) == (None, None)
    return page.games[0]


def test_games_come_last_played_first_and_without_other_apps() -> None:
    sandbox = psn_sandbox()
    (page,) = games(PageKey("me"), sandbox=sandbox)
    assert isinstance(page, PsnPlayedGamePage)
    assert (len(page.games), page.total, page.next_offset) == (12, 12, None)
    quest = page.games[1]
    assert (quest.np_title_id, quest.concept_id) == ("PPSA00001_00", "10000001")
    assert (quest.name, quest.category) == ("Sample Quest", "ps5_native_game")
    assert (quest.play_count, quest.play_duration_seconds) == (113, 92 * 3600 + 42 * 60 + 16)
    assert quest.image is not None
    assert quest.first_played_at is not None
    assert quest.first_played_at.isoformat() == "2025-02-28T03:21:09.800000+00:00"
    assert calls(sandbox) == {LIST: 1}


def test_names_are_in_the_language_that_was_asked_for() -> None:
    (page,) = games(PageKey("me"), language="de-DE")
    assert isinstance(page, PsnPlayedGamePage)
    assert page.games[1].name == "Musterreise"


def test_who_played_nothing_hides_it_or_is_nobody() -> None:
    named, none, hidden, nobody = games(
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


def test_a_smaller_limit_is_learned_from_the_refusal_and_kept() -> None:
    sandbox = psn_sandbox()
    sandbox.settings["game_list_limit"] = 5

    async def question(client: PsnClient) -> list[str]:
        found: list[str] = []
        offset: int | None = 0
        while offset is not None:
            page = value((await client.played_games([PageKey("me", offset)]))[0])
            found += [game.np_title_id for game in page.games]
            offset = page.next_offset
        return found

    assert len(set(ask(question, sandbox))) == 12
    assert calls(sandbox) == {LIST: 4}


def test_a_refusal_that_names_no_smaller_limit_is_a_refusal() -> None:
    sandbox = psn_sandbox()
    body = {"error": {"code": 3239940, "reason": "BadRequest", "message": "limit 200 of 500"}}
    sandbox.faults.append(Fault("gamelist", 400, body, JSON))
    (refused,) = games(PageKey("me"), sandbox=sandbox)
    assert isinstance(refused, BadResponse)
    assert calls(sandbox) == {LIST: 1}


def test_a_limit_that_shrinks_with_every_answer_is_not_followed_for_ever() -> None:
    sandbox = psn_sandbox()
    for asked in (200, 150, 100, 50):
        text = f"Requested limit {asked} exceeds the allowed limit {asked - 50}"
        body = {"error": {"code": 3239940, "message": text}}
        sandbox.faults.append(Fault("gamelist", 400, body, JSON, times=1))
    (refused,) = games(PageKey("me"), sandbox=sandbox)
    assert isinstance(refused, BadResponse)
    assert calls(sandbox) == {LIST: 3}


def test_trophy_sets_are_joined_five_at_a_time() -> None:
    sandbox = psn_sandbox()

    async def question(client: PsnClient) -> dict[str, list[str]]:
        page = value((await client.played_games([PageKey("me")]))[0])
        builds = [game.np_title_id for game in page.games]
        found = await client.titles_by_product("me", builds)
        return {build: [one.native_id for one in value(found[build])] for build in builds}

    sets = ask(question, sandbox)
    assert sets["PPSA00001_00"] == ["NPWR00001_00"]
    assert calls(sandbox) == {LIST: 1, f"{TROPHY}/users/me/titles/trophyTitles": 3}


def test_what_is_not_told_or_cannot_be_read_is_unknown() -> None:
    sandbox = psn_sandbox()
    game = row(sandbox, concept=None, playDuration="a while", playCount=None, imageUrl="ftp://x")
    assert game == PsnPlayedGame(np_title_id="CUSA00001_00")


def test_the_concept_is_text_whatever_it_was_sent_as() -> None:
    assert row(psn_sandbox(), concept={"id": 5}).concept_id == "5"
    assert row(psn_sandbox(), concept={"id": "5"}).concept_id == "5"
    assert row(psn_sandbox(), concept={"id": {}}).concept_id is None
    assert row(psn_sandbox(), concept={}).concept_id is None


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
def test_a_duration_is_read_in_seconds_or_not_at_all(text: str | None, expected: int) -> None:
    assert seconds(text) == expected
