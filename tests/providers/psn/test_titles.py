"""Lists of titles, levels and totals."""

from datetime import UTC, datetime

import pytest

from providers.capabilities import TitlesKey, TotalKey
from providers.errors import BadInput, BadResponse, NotFound, Private, ProviderError, Unavailable
from providers.kit.sandbox import Fault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import psn_sandbox
from providers.psn.sandbox.world import (
    FRESH_ACCOUNT_ID,
    FRIEND_ACCOUNT_ID,
    FRIEND_ONLINE_ID,
    OWNER_ACCOUNT_ID,
    STRANGER_ACCOUNT_ID,
)
from providers.records import PsnTrophySummary, Title, TitlePage, TrophyCounts
from tests.providers.psn.asking import NAMED, TROPHY, ask, calls, value

JSON = {"content-type": "application/json"}


async def own_titles(client: PsnClient) -> TitlePage:
    return value((await client.titles([TitlesKey("me")]))[0])


async def own_summary(client: PsnClient) -> PsnTrophySummary:
    return value((await client.trophy_summaries(["me"]))[0])


def one(page: TitlePage, native_id: str) -> Title:
    return next(known for known in page.titles if known.native_id == native_id)


def test_a_title_carries_everything_its_row_tells() -> None:
    found = one(ask(own_titles), "NPWR00001_00")
    assert found.name == "Sample Quest"
    assert found.platforms == ("PS5", "PSPC")
    assert (found.service_name, found.set_version) == ("trophy2", "01.02")
    assert (found.has_groups, found.hidden_by_owner, found.progress) == (True, False, 57)
    assert found.defined_counts == TrophyCounts(bronze=4, silver=2, gold=1, platinum=1)
    assert found.earned_counts == TrophyCounts(bronze=2, silver=0, gold=1, platinum=0)
    assert (found.achievement_count, found.earned_count) == (8, 3)
    assert found.last_updated_at == datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
    assert found.definition_version == "01.02"


def test_what_the_newer_service_does_not_say_is_unknown() -> None:
    page = ask(own_titles)
    assert one(page, "NPWR00001_00").detail is None
    assert one(page, "NPWR00002_00").detail is not None


def test_the_order_is_the_upstreams_and_the_total_its_own() -> None:
    page = ask(own_titles)
    updates = [known.last_updated_at for known in page.titles if known.last_updated_at]
    assert updates == sorted(updates, reverse=True)
    assert (page.total, page.next_offset) == (len(page.titles), None)


def test_the_owner_sees_his_hidden_title_and_others_do_not() -> None:
    async def question(client: PsnClient) -> list[TitlePage]:
        return [
            value(page)
            for page in await client.titles([TitlesKey("me"), TitlesKey(OWNER_ACCOUNT_ID)])
        ]

    mine, by_number = ask(question)
    assert one(mine, "NPWR00010_00").hidden_by_owner
    assert mine == by_number


def test_titles_by_name_cost_one_call_for_the_name_and_one_for_the_list() -> None:
    sandbox = psn_sandbox()

    async def question(client: PsnClient) -> TitlePage:
        await client.titles([TitlesKey(FRIEND_ONLINE_ID)])
        await client.titles([TitlesKey(FRIEND_ONLINE_ID.upper())])
        return value((await client.titles([TitlesKey(FRIEND_ACCOUNT_ID)]))[0])

    assert ask(question, sandbox).titles
    assert calls(sandbox) == {
        f"{NAMED}/{FRIEND_ONLINE_ID}/profile2": 1,
        f"{TROPHY}/users/{FRIEND_ACCOUNT_ID}/trophyTitles": 1,
    }


def test_a_page_is_the_longest_allowed_and_continues_where_it_is_told() -> None:
    sandbox = psn_sandbox()
    rows = [{"npCommunicationId": "NPWR00001_00"}]
    body: dict[str, object] = {"trophyTitles": rows, "totalItemCount": 1700, "nextOffset": 800}
    sandbox.faults.append(Fault(r"offset=0$", 200, body, JSON))

    async def question(client: PsnClient) -> list[TitlePage]:
        keys = [TitlesKey("me", offset) for offset in (0, 800)]
        return [value(page) for page in await client.titles(keys)]

    first, second = ask(question, sandbox)
    assert (first.total, first.next_offset) == (1700, 800)
    assert second.titles == ()
    assert {request.url.params["limit"] for request in sandbox.log[1:]} == {"800"}


def test_an_offset_that_leads_back_is_the_end() -> None:
    sandbox = psn_sandbox()
    body: dict[str, object] = {"trophyTitles": [], "nextOffset": 0, "totalItemCount": "5"}
    sandbox.faults.append(Fault("trophyTitles", 200, body, JSON))
    page = ask(own_titles, sandbox)
    assert (page.next_offset, page.total) == (None, 5)


def test_a_broken_row_spoils_only_itself() -> None:
    sandbox = psn_sandbox()
    rows: list[object] = [
        {},
        7,
        {"npCommunicationId": "NPWR00009_00", "progress": "x", "hiddenFlag": []},
    ]
    sandbox.faults.append(Fault("trophyTitles", 200, {"trophyTitles": rows}, JSON))
    assert [known.native_id for known in ask(own_titles, sandbox).titles] == ["NPWR00009_00"]


def test_counts_that_are_not_whole_are_unknown() -> None:
    sandbox = psn_sandbox()
    row = {"npCommunicationId": "NPWR00009_00", "earnedTrophies": {"bronze": 1}}
    sandbox.faults.append(Fault("trophyTitles", 200, {"trophyTitles": [row]}, JSON))
    (found,) = ask(own_titles, sandbox).titles
    assert (found.earned_counts, found.earned_count, found.earned_version) == (None, None, None)


def test_a_private_account_an_unknown_one_and_an_empty_one_are_told_apart() -> None:
    async def question(client: PsnClient) -> list[object]:
        handles = (STRANGER_ACCOUNT_ID, "12345", "99999999999999999999", FRESH_ACCOUNT_ID)
        return list(await client.titles([TitlesKey(handle) for handle in handles]))

    private, unknown, impossible, empty = ask(question)
    assert isinstance(private, Private)
    assert isinstance(unknown, NotFound)
    assert isinstance(impossible, NotFound)
    assert not isinstance(empty, ProviderError)


def test_a_refusal_by_the_edge_is_no_privacy() -> None:
    sandbox = psn_sandbox()
    sandbox.faults.append(Fault("trophyTitles", 403, "<html>Access Denied</html>"))
    with pytest.raises(Unavailable):
        ask(own_titles, sandbox)


def test_the_earned_version_moves_with_every_trophy() -> None:
    versions: list[str | None] = []
    sandbox = psn_sandbox()
    for trophy_id in (None, 4, 5):
        if trophy_id is not None:
            when = "2026-06-01T00:00:00Z"
            sandbox.unlock(OWNER_ACCOUNT_ID, "NPWR00002_00", trophy_id, when)
        versions.append(one(ask(own_titles, sandbox), "NPWR00002_00").earned_version)
    assert len(set(versions)) == 2  # 5 was earned before; earning it anew changes its time only


def test_the_earned_version_moves_when_there_is_more_to_earn() -> None:
    sandbox = psn_sandbox()
    before = one(ask(own_titles, sandbox), "NPWR00002_00")

    sandbox.add_trophy("NPWR00002_00", "Afterwards")

    after = one(ask(own_titles, sandbox), "NPWR00002_00")
    assert after.last_updated_at == before.last_updated_at
    assert after.earned_version != before.earned_version


def test_the_language_asked_for_is_spoken() -> None:
    assert one(ask(own_titles, language="de-DE"), "NPWR00001_00").name == "Musterreise"


@pytest.mark.parametrize("as_text", [False, True])
def test_the_level_may_be_a_text(as_text: bool) -> None:
    sandbox = psn_sandbox()
    sandbox.settings["trophy_level_as_string"] = as_text
    found = ask(own_summary, sandbox)
    assert (found.level, found.tier) == (42, 1)
    assert 0 <= found.level_progress < 100


def test_a_summary_without_its_counts_is_unreadable() -> None:
    sandbox = psn_sandbox()
    body: dict[str, object] = {"trophyLevel": 3, "progress": 1, "tier": 1, "earnedTrophies": {}}
    sandbox.faults.append(Fault("trophySummary", 200, body, JSON))
    with pytest.raises(BadResponse):
        ask(own_summary, sandbox)


def test_totals_cost_one_call_for_titles_and_one_for_the_rest() -> None:
    sandbox = psn_sandbox()

    async def question(client: PsnClient) -> list[object]:
        fields = ("titles", "earned", "earned_counts", "points", "awards")
        return [
            value(total) for total in await client.totals([TotalKey("me", name) for name in fields])
        ]

    titles, earned, earned_counts, points, awards = ask(question, sandbox)
    assert isinstance(earned_counts, TrophyCounts)
    assert (titles, earned, awards) == (14, earned_counts.total, None)
    assert isinstance(points, int)
    assert calls(sandbox) == {
        f"{TROPHY}/users/me/trophyTitles": 1,
        f"{TROPHY}/users/me/trophySummary": 1,
    }


def test_the_summary_agrees_with_the_titles() -> None:
    page, summary = ask(own_titles), ask(own_summary)
    assert sum(known.earned_count or 0 for known in page.titles) == summary.earned_counts.total


@pytest.mark.parametrize("native_id", ["NPWR1_00", "npwr00001_00", "NPWR00001_00/x", "../x", ""])
def test_an_impossible_title_is_refused_before_any_call(native_id: str) -> None:
    async def question(client: PsnClient) -> None:
        client.check_title("NPWR00001_00")
        with pytest.raises(BadInput) as caught:
            client.check_title(native_id)
        assert caught.value.argument == "nativeId"

    ask(question)
