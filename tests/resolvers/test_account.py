"""What is known of an account: nothing if it does not exist, its id also while its source fails."""

import pytest

from providers.psn.sandbox.constants import FRIEND_ACCOUNT_ID, FRIEND_ONLINE_ID
from tests.harness import RunningServer

ACCOUNT = """
query ($source: Source!, $handle: String!) {
  user(accounts: [{ source: $source, handle: $handle }]) {
    accounts {
      id
      displayName
      status { state }
      ... on PsnAccount { trophySummary { level } }
      ... on TrophySoAccount { streak { length } metrics { key } }
    }
  }
}
"""
IDENTITY = """
query ($source: Source!, $handle: String!) {
  user(accounts: [{ source: $source, handle: $handle }]) { accounts { id status { state } } }
}
"""


@pytest.mark.parametrize(
    ("source", "handle"),
    [
        ("PSN", "nobody_here"),
        ("PSN", "9999999999999999999"),
        ("RETRO_ACHIEVEMENTS", "Nobody"),
        ("TROPHY_SO", "nobody"),
    ],
)
def test_an_account_that_does_not_exist_has_no_values_and_no_errors(
    server: RunningServer, source: str, handle: str
) -> None:
    found = server.fetch_data(ACCOUNT, {"source": source, "handle": handle})

    (account,) = found["user"]["accounts"]
    assert account.pop("id")
    assert account.pop("status") == {"state": "NOT_FOUND"}
    assert set(account.values()) == {None}


def test_an_account_has_the_same_id_under_both_of_its_handles(server: RunningServer) -> None:
    by_name, by_number = (
        server.fetch_data(IDENTITY, {"source": "PSN", "handle": handle})
        for handle in (FRIEND_ONLINE_ID, FRIEND_ACCOUNT_ID)
    )

    assert by_name == by_number


@pytest.mark.parametrize(
    ("source", "handle"),
    [("PSN", FRIEND_ONLINE_ID), ("RETRO_ACHIEVEMENTS", "SecondSam"), ("TROPHY_SO", "vega")],
)
def test_an_account_has_an_id_and_a_status_while_its_source_fails(
    server: RunningServer, source: str, handle: str
) -> None:
    server.inject_fault(".", status=500)

    found = server.fetch_data(IDENTITY, {"source": source, "handle": handle})

    (account,) = found["user"]["accounts"]
    assert account["id"]
    assert account["status"] == {"state": "UNAVAILABLE"}


def test_a_value_that_fails_is_an_error_rather_than_an_unknown_account(
    server: RunningServer,
) -> None:
    server.inject_fault("trophySummary", status=500)

    answer = server.execute(ACCOUNT, {"source": "PSN", "handle": FRIEND_ONLINE_ID})

    assert answer.codes == {"user.accounts.0.trophySummary": "UPSTREAM_UNAVAILABLE"}
    (account,) = answer.partial_data["user"]["accounts"]
    assert account["trophySummary"] is None
    assert account["status"] == {"state": "OK"}
