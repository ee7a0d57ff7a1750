"""Title lists, trophy levels and totals of accounts."""

import pytest

from providers.capabilities import TitlePageKey, TotalKey
from providers.errors import BadResponse, NotFound, Private, ProviderError, Unavailable
from providers.kit.sandbox import InjectedFault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import create_sandbox
from providers.psn.sandbox.constants import (
    FRESH_ACCOUNT_ID,
    FRIEND_ACCOUNT_ID,
    FRIEND_ONLINE_ID,
    OWNER_ACCOUNT_ID,
    STRANGER_ACCOUNT_ID,
)
from providers.psn_records import PsnTrophySummary
from providers.records import TitlePage, TrophyCounts
from tests.providers.psn.harness import (
    JSON,
    LEGACY_USERS,
    TROPHY,
    count_calls,
    run_with_client,
    unwrap,
)
from tests.providers.psn.trophies.title_harness import find_title, load_own_titles


async def load_own_summary(client: PsnClient) -> PsnTrophySummary:
    return unwrap((await client.get_trophy_summaries(["me"]))[0])


def test_order_and_total_are_those_of_the_upstream() -> None:
    page = run_with_client(load_own_titles)
    updates = [title.last_updated_at for title in page.titles if title.last_updated_at]
    assert updates == sorted(updates, reverse=True)
    assert (page.total, page.next_offset) == (len(page.titles), None)


def test_hidden_titles_are_listed_for_their_owner_alone() -> None:
    async def scenario(client: PsnClient) -> list[TitlePage]:
        return [
            unwrap(page)
            for page in await client.get_titles(
                [TitlePageKey("me"), TitlePageKey(OWNER_ACCOUNT_ID)]
            )
        ]

    own, by_number = run_with_client(scenario)
    assert find_title(own, "NPWR00010_00").hidden_by_owner
    assert own == by_number


def test_titles_by_name_cost_one_call_for_the_name_and_one_for_the_list() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> TitlePage:
        await client.get_titles([TitlePageKey(FRIEND_ONLINE_ID)])
        await client.get_titles([TitlePageKey(FRIEND_ONLINE_ID.upper())])
        return unwrap((await client.get_titles([TitlePageKey(FRIEND_ACCOUNT_ID)]))[0])

    assert run_with_client(scenario, sandbox).titles
    assert count_calls(sandbox) == {
        f"{LEGACY_USERS}/{FRIEND_ONLINE_ID}/profile2": 1,
        f"{TROPHY}/users/{FRIEND_ACCOUNT_ID}/trophyTitles": 1,
    }


def test_a_page_has_the_maximum_size_and_continues_at_the_next_offset() -> None:
    sandbox = create_sandbox()
    rows = [{"npCommunicationId": "NPWR00001_00"}]
    body: dict[str, object] = {"trophyTitles": rows, "totalItemCount": 1700, "nextOffset": 800}
    sandbox.faults.append(InjectedFault(r"offset=0$", 200, body, JSON))

    async def scenario(client: PsnClient) -> list[TitlePage]:
        keys = [TitlePageKey("me", offset) for offset in (0, 800)]
        return [unwrap(page) for page in await client.get_titles(keys)]

    first, second = run_with_client(scenario, sandbox)
    assert (first.total, first.next_offset) == (1700, 800)
    assert second.titles == ()
    assert {request.url.params["limit"] for request in sandbox.log[1:]} == {"800"}


def test_a_repeated_offset_ends_the_list() -> None:
    sandbox = create_sandbox()
    body: dict[str, object] = {"trophyTitles": [], "nextOffset": 0, "totalItemCount": "5"}
    sandbox.faults.append(InjectedFault("trophyTitles", 200, body, JSON))
    page = run_with_client(load_own_titles, sandbox)
    assert (page.next_offset, page.total) == (None, 5)


def test_an_invalid_row_is_left_out_alone() -> None:
    sandbox = create_sandbox()
    rows: list[object] = [
        {},
        7,
        {"npCommunicationId": "NPWR00009_00", "progress": "x", "hiddenFlag": []},
    ]
    sandbox.faults.append(InjectedFault("trophyTitles", 200, {"trophyTitles": rows}, JSON))
    assert [title.native_id for title in run_with_client(load_own_titles, sandbox).titles] == [
        "NPWR00009_00"
    ]


def test_private_unknown_and_empty_accounts_are_distinguished() -> None:
    async def scenario(client: PsnClient) -> list[object]:
        handles = (STRANGER_ACCOUNT_ID, "12345", "99999999999999999999", FRESH_ACCOUNT_ID)
        return list(await client.get_titles([TitlePageKey(handle) for handle in handles]))

    private, unknown, impossible, empty = run_with_client(scenario)
    assert isinstance(private, Private)
    assert isinstance(unknown, NotFound)
    assert isinstance(impossible, NotFound)
    assert not isinstance(empty, ProviderError)


def test_a_403_of_the_cdn_is_unavailable_and_not_private() -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(InjectedFault("trophyTitles", 403, "<html>Access Denied</html>"))
    with pytest.raises(Unavailable):
        run_with_client(load_own_titles, sandbox)


def test_names_are_in_the_requested_language() -> None:
    assert (
        find_title(run_with_client(load_own_titles, language="de-DE"), "NPWR00001_00").name
        == "Musterreise"
    )


@pytest.mark.parametrize("as_text", [False, True])
def test_the_level_may_be_a_string(as_text: bool) -> None:
    sandbox = create_sandbox()
    sandbox.settings["trophy_level_as_string"] = as_text
    found = run_with_client(load_own_summary, sandbox)
    assert (found.level, found.tier) == (42, 1)
    assert found.level_progress is not None
    assert 0 <= found.level_progress < 100


def test_a_summary_without_counts_has_the_rest() -> None:
    sandbox = create_sandbox()
    body: dict[str, object] = {"trophyLevel": 3, "progress": 1, "tier": 1, "earnedTrophies": {}}
    sandbox.faults.append(InjectedFault("trophySummary", 200, body, JSON))
    found = run_with_client(load_own_summary, sandbox)
    assert (found.level, found.tier, found.earned_counts) == (3, 1, None)


def test_a_summary_with_nothing_in_it_is_a_bad_response() -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(InjectedFault("trophySummary", 200, {}, JSON))
    with pytest.raises(BadResponse):
        run_with_client(load_own_summary, sandbox)


def test_totals_cost_one_call_for_titles_and_one_for_the_rest() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> list[object]:
        fields = ("titles", "earned", "earned_counts", "points", "awards")
        return [
            unwrap(total)
            for total in await client.get_totals([TotalKey("me", name) for name in fields])
        ]

    titles, earned, earned_counts, points, awards = run_with_client(scenario, sandbox)
    assert isinstance(earned_counts, TrophyCounts)
    assert (titles, earned, awards) == (14, earned_counts.total, None)
    assert isinstance(points, int)
    assert count_calls(sandbox) == {
        f"{TROPHY}/users/me/trophyTitles": 1,
        f"{TROPHY}/users/me/trophySummary": 1,
    }


def test_the_summary_agrees_with_the_titles() -> None:
    page, summary = run_with_client(load_own_titles), run_with_client(load_own_summary)
    assert summary.earned_counts is not None
    assert sum(title.earned_count or 0 for title in page.titles) == summary.earned_counts.total
