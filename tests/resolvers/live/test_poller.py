"""How often accounts are polled: within the share, fairly, and seldom while a player is away."""

from collections import Counter
from dataclasses import replace
from typing import Any

from providers.registry import Source
from tests.harness import RunningServer, operator_settings, run_server
from tests.resolvers.live.subscriber import Subscriber, subscribe, wait
from tests.resolvers.live.unlocks import ACCOUNTS, PSN_ID

LIST = "/trophyTitles"


def count_lists(server: RunningServer) -> int:
    return sum(count for name, count in server.psn.calls.items() if name.endswith(LIST))


def count_polls(server: RunningServer) -> Counter[str]:
    """Count the lists that were requested, by account."""
    paths = (str(request.url.path) for request in server.psn.log)
    return Counter(path.split("/")[-2] for path in paths if path.endswith(LIST))


def set_online(server: RunningServer, account_id: str, *, is_online: bool) -> None:
    accounts = server.psn.database.accounts
    last_online_at = None if is_online else "2026-10-30T21:14:05.120Z"
    accounts[account_id] = replace(accounts[account_id], last_online_at=last_online_at)


def list_psn_accounts(server: RunningServer) -> list[dict[str, str]]:
    database = server.psn.database
    players = {account_id for account_id, _ in database.trophy_progress}
    return [
        {"source": "PSN", "handle": account_id}
        for account_id in sorted(players)
        if not database.accounts[account_id].private
    ]


def subscribe_to_many(server: RunningServer) -> list[Subscriber]:
    return [subscribe(server, [account]) for account in list_psn_accounts(server)]


def test_an_account_is_polled_once_in_an_interval_while_its_player_is_there(
    server: RunningServer,
) -> None:
    set_online(server, PSN_ID, is_online=True)
    subscribe(server, ACCOUNTS[Source.PSN])

    wait(server, 3599)

    assert 58 <= count_lists(server) <= 60


def test_a_player_who_is_away_is_polled_ever_more_seldom(server: RunningServer) -> None:
    set_online(server, PSN_ID, is_online=False)
    subscribe(server, ACCOUNTS[Source.PSN])

    wait(server, 3 * 3600)

    # At first each minute, at last each quarter of an hour.
    assert 12 <= count_lists(server) <= 24


def test_players_who_are_away_are_asked_for_together(server: RunningServer) -> None:
    for account in list_psn_accounts(server):
        set_online(server, account["handle"], is_online=False)
    subscribe_to_many(server)
    wait(server, 3600)
    server.psn.calls.clear()

    wait(server, 3600)

    batches = [count for name, count in server.psn.calls.items() if "basicPresences" in name]
    assert 58 <= sum(batches) <= 61
    assert count_lists(server) <= 5 * len(list_psn_accounts(server))


def test_a_player_who_comes_online_is_polled_within_an_interval_again(
    server: RunningServer,
) -> None:
    for account in list_psn_accounts(server):
        set_online(server, account["handle"], is_online=False)
    subscribe_to_many(server)
    wait(server, 3600)
    server.psn.log.clear()

    set_online(server, PSN_ID, is_online=True)
    wait(server, 600)

    polls = count_polls(server)
    assert max(polls.values()) >= 8
    assert sorted(polls.values())[-2] <= 1


def test_an_interval_is_kept_although_subscribers_come_and_go(server: RunningServer) -> None:
    for _ in range(20):
        subscriber = subscribe(server, ACCOUNTS[Source.PSN])
        wait(server, 1)
        subscriber.close()

    assert count_lists(server) == 1


def test_nothing_is_polled_while_nobody_listens(server: RunningServer) -> None:
    subscriber = subscribe(server, ACCOUNTS[Source.PSN])
    wait(server, 1)
    subscriber.close()
    server.psn.calls.clear()

    wait(server, 3600)

    assert server.count_upstream_calls() == {}


def test_polls_use_no_more_than_their_share_of_the_rate() -> None:
    with run_server(PSN_RATE="40/900", TROPHYCASE_LIVE_SHARE="25") as server:
        subscribe_to_many(server)

        wait(server, 9000)

        assert 90 <= server.count_upstream_calls()["PSN"] <= 110


def test_a_budget_that_does_not_suffice_is_shared_fairly() -> None:
    with run_server(PSN_RATE="40/900", TROPHYCASE_LIVE_SHARE="50") as server:
        for account in list_psn_accounts(server):
            set_online(server, account["handle"], is_online=True)
        subscribe_to_many(server)
        wait(server, 3600)
        server.psn.log.clear()

        wait(server, 9000)

        polls = count_polls(server)
        assert len(polls) == len(list_psn_accounts(server))
        assert max(polls.values()) - min(polls.values()) <= max(polls.values()) // 2


def test_polls_leave_the_reserve_to_requests() -> None:
    settings: dict[str, Any] = {**operator_settings(Source.XBOX), "XBOX_RATE": "30/3600"}
    with run_server(sandbox=False, **settings, TROPHYCASE_LIVE_SHARE="100") as server:
        subscribe(server, ACCOUNTS[Source.XBOX])

        wait(server, 3500)

        assert server.count_upstream_calls()["XBOX"] <= 15


def test_the_interval_is_that_of_the_settings() -> None:
    with run_server(TROPHYCASE_LIVE_INTERVAL="10") as server:
        set_online(server, PSN_ID, is_online=True)
        subscribe(server, ACCOUNTS[Source.PSN])

        wait(server, 49)

        assert count_lists(server) == 5


def test_beside_a_webhook_trophy_so_is_polled_each_quarter_of_an_hour() -> None:
    settings: dict[str, Any] = {
        **operator_settings(Source.TROPHY_SO),
        "TROPHY_SO_WEBHOOK_SECRET": "secret",
    }
    with run_server(sandbox=False, **settings) as server:
        subscribe(server, ACCOUNTS[Source.TROPHY_SO])

        wait(server, 3599)

        assert server.count_upstream_calls() == {"TROPHY_SO": 4}


def test_a_budget_that_is_used_up_is_not_tried_without_end() -> None:
    settings: dict[str, Any] = {**operator_settings(Source.XBOX), "XBOX_RATE": "40/3600"}
    with run_server(sandbox=False, **settings) as server:
        server.xbox.settings["hourly_limit"] = 10**9
        accounts = [
            {"source": "XBOX", "handle": xuid}
            for xuid, player in server.xbox.database.players.items()
            if not player.is_private and not player.is_closed
        ]
        subscribe(server, accounts)

        wait(server, 4 * 3600)

        assert 40 <= server.count_upstream_calls()["XBOX"] <= 5 * 20
