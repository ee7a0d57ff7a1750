"""What is watched with one credential is never sent to another, and who may watch whom."""

from typing import cast

import pytest

from providers.errors import CallerUnauthenticated, Forbidden, NotFound, ProviderError
from providers.registry import Source
from resolvers.live.poller import Poller
from tests.harness import RunningServer, run_server
from tests.resolvers.live.subscriber import subscribe, wait
from tests.resolvers.live.unlocks import ACCOUNTS, ACHIEVEMENT_IDS, PSN_ID, UNLOCK, unlock_psn
from tests.server.caller_headers import SECOND_ON_PSN

KEYS = "reader:reader-key-0123456789:read,guest:guest-key-01234567890:public"
READER = {"Authorization": "Bearer reader-key-0123456789"}
GUEST = {"Authorization": "Bearer guest-key-01234567890"}


def test_the_operators_events_are_not_those_of_a_caller(server: RunningServer) -> None:
    operators = subscribe(server, ACCOUNTS[Source.PSN])
    callers = subscribe(server, headers=SECOND_ON_PSN)
    wait(server, 1)

    unlock_psn(server)
    wait(server, 61)

    assert operators.unlocked_ids == [ACHIEVEMENT_IDS[Source.PSN]]
    assert callers.events == []


def test_each_credential_has_a_watcher_of_its_own(server: RunningServer) -> None:
    account = ACCOUNTS[Source.PSN]
    subscribers = [subscribe(server, account), subscribe(server, account, headers=SECOND_ON_PSN)]
    wait(server, 1)
    tokens = {
        request.headers["authorization"]
        for request in server.psn.log
        if request.url.path.endswith("/trophyTitles")
    }

    unlock_psn(server)
    wait(server, 61)

    assert len(tokens) == 2
    assert [each.unlocked_ids for each in subscribers] == [[ACHIEVEMENT_IDS[Source.PSN]]] * 2


def test_a_callers_credential_is_forgotten_with_their_last_subscription(
    server: RunningServer,
) -> None:
    subscriber = subscribe(server, headers=SECOND_ON_PSN)
    wait(server, 1)
    by_credential = cast("dict[object, Poller]", vars(server.app.state.live)["_pollers"])
    pollers = list(by_credential.values())
    assert any(poller.client is not None for poller in pollers)

    subscriber.close()

    assert all(poller.client is None for poller in pollers)


def test_a_key_for_other_players_watches_no_account_of_the_operator() -> None:
    with run_server(TROPHYCASE_API_KEYS=KEYS) as server:
        own = subscribe(server, headers=GUEST)
        by_id = subscribe(server, ACCOUNTS[Source.PSN], headers=GUEST)
        others = subscribe(
            server, [{"source": "PSN", "handle": "1000000000000000002"}], headers=GUEST
        )
        reader = subscribe(server, ACCOUNTS[Source.PSN], headers=READER)
        wait(server, 1)
        unlock_psn(server)
        wait(server, 61)

    assert [type(each) for each in (*own.start_errors, *by_id.start_errors)] == [Forbidden] * 2
    assert (others.start_errors, others.events) == ([], [])
    assert reader.unlocked_ids == [ACHIEVEMENT_IDS[Source.PSN]]


@pytest.mark.parametrize(("handle", "error"), [("Nobody-At-All", NotFound), ("", ProviderError)])
def test_an_account_that_cannot_be_watched_is_an_error(
    server: RunningServer, handle: str, error: type[ProviderError]
) -> None:
    (found,) = subscribe(server, [{"source": "PSN", "handle": handle}]).start_errors

    assert isinstance(found, error)


def test_a_caller_whose_credential_is_rejected_is_told_so(server: RunningServer) -> None:
    subscriber = subscribe(server, headers=SECOND_ON_PSN)
    wait(server, 1)

    server.psn.expire_access_tokens()
    server.psn.expire_refresh_tokens()
    server.inject_fault("/oauth/", status=400, body={"error": "invalid_grant"})
    wait(server, 3600)

    assert isinstance(subscriber.end_error, CallerUnauthenticated)


def test_an_account_whose_source_fails_is_watched_later(server: RunningServer) -> None:
    server.inject_fault(r"us-prof|legacy|profile2|accounts/me|userProfile", status=503)
    accounts = [{"source": "PSN", "handle": "vega_north"}, *ACCOUNTS[Source.RETRO_ACHIEVEMENTS]]
    subscriber = subscribe(server, accounts)
    wait(server, 1)
    UNLOCK[Source.RETRO_ACHIEVEMENTS](server)
    wait(server, 61)
    assert subscriber.unlocked_ids == [ACHIEVEMENT_IDS[Source.RETRO_ACHIEVEMENTS]]

    server.clear_faults()
    wait(server, 180)
    unlock_psn(server)
    wait(server, 61)

    assert PSN_ID in {each["account"]["nativeId"] for each in subscriber.events}
