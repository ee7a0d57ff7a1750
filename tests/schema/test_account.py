"""Accounts on every source: their handles and ids."""

from typing import Any

import pytest

from providers.psn.sandbox.constants import FRIEND_ACCOUNT_ID, OWNER_ACCOUNT_ID
from tests.harness import NO_CALLS, VEGA, RunningServer

USER_QUERY = "query ($accounts: [AccountInput!]!) { user(accounts: $accounts) { %s } }"


def fetch_account(server: RunningServer, source: str, handle: str, fields: str) -> Any:
    (found,) = server.fetch_data(
        USER_QUERY % f"accounts {{ {fields} }}",
        {"accounts": [{"source": source, "handle": handle}]},
    )["user"]["accounts"]
    return found


def test_a_former_name_still_leads_to_the_account(server: RunningServer) -> None:
    fields = "handle nativeId ... on PsnAccount { onlineId }"
    former, current = (
        fetch_account(server, "PSN", name, fields) for name in ("old_name", "new_name")
    )

    assert former == current
    assert former["onlineId"] == former["handle"] == "new_name"


def test_a_handle_is_that_of_the_query_until_the_profile_is_loaded(server: RunningServer) -> None:
    as_given = server.execute(
        USER_QUERY % "accounts { handle }",
        {"accounts": [{"source": "PSN", "handle": "SAMPLE_friend"}]},
    )

    assert as_given.data["user"]["accounts"] == [{"handle": "SAMPLE_friend"}]
    assert as_given.upstream_calls == NO_CALLS
    known = fetch_account(server, "PSN", "SAMPLE_friend", "handle nativeId")
    assert known == {"handle": "sample_friend", "nativeId": FRIEND_ACCOUNT_ID}


@pytest.mark.parametrize(
    ("source", "handle", "found"),
    [
        ("RETRO_ACHIEVEMENTS", "veganorth", "VegaNorth"),
        ("RETRO_ACHIEVEMENTS", "01hvegan0rth7q2m4x6z8b0c1d", "VegaNorth"),
        ("RETRO_ACHIEVEMENTS", "SamuelOne", "SecondSam"),
        ("TROPHY_SO", "team/blue", "team/blue"),
        ("TROPHY_SO", "second user", "second user"),
    ],
)
def test_a_handle_has_the_case_in_which_its_owner_writes_it(
    server: RunningServer, source: str, handle: str, found: str
) -> None:
    assert fetch_account(server, source, handle, "handle status { state }") == {
        "handle": found,
        "status": {"state": "OK"},
    }


def test_the_user_of_an_account_has_that_account_only(server: RunningServer) -> None:
    query = USER_QUERY % "accounts { user { accounts { source nativeId } displayName } }"

    accounts = server.fetch_data(query, {"accounts": VEGA})["user"]["accounts"]

    assert [each["user"]["accounts"] for each in accounts] == [
        [{"source": "PSN", "nativeId": OWNER_ACCOUNT_ID}],
        [{"source": "RETRO_ACHIEVEMENTS", "nativeId": "01HVEGAN0RTH7Q2M4X6Z8B0C1D"}],
        [{"source": "TROPHY_SO", "nativeId": "vega"}],
    ]
    assert [each["user"]["displayName"] for each in accounts] == ["vega_north", "VegaNorth", "Vega"]
