"""The accounts of a user: handles that no account can have, and filters by source."""

import pytest

from providers.registry import Source
from tests.harness import VEGA, RunningServer, run_server
from tests.schema.rejected_input import assert_rejected

USER_QUERY = "query ($accounts: [AccountInput!]!) { user(accounts: $accounts) { displayName } }"
LISTS = ("trophyTitles", "achievements", "awards")


@pytest.mark.parametrize(
    ("source", "handle"),
    [
        ("PSN", ""),
        ("PSN", "ab"),
        ("PSN", "1starts_with_a_digit"),
        ("PSN", "much_too_long_name"),
        ("PSN", "space inside"),
        ("PSN", "../../me"),
        ("PSN", "me/../other"),
        ("PSN", "me\n"),
        ("PSN", "Me\u0000"),
        ("PSN", "½½½"),
        ("PSN", "١٢٣"),
        ("PSN", "9" * 21),
        ("PSN", "1?limit=800#"),
        ("RETRO_ACHIEVEMENTS", ""),
        ("RETRO_ACHIEVEMENTS", "x"),
        ("RETRO_ACHIEVEMENTS", "me too"),
        ("RETRO_ACHIEVEMENTS", "x" * 21),
        ("RETRO_ACHIEVEMENTS", "Vega&y=key"),
        ("RETRO_ACHIEVEMENTS", "VegaNorth\n"),
        ("RETRO_ACHIEVEMENTS", "VegaNörth"),
        ("TROPHY_SO", ""),
        ("TROPHY_SO", "."),
        ("TROPHY_SO", ".."),
        ("TROPHY_SO", "a\tb"),
        ("TROPHY_SO", "a\u0085b"),
        ("TROPHY_SO", "x" * 256),
    ],
)
def test_an_invalid_handle_is_rejected(server: RunningServer, source: str, handle: str) -> None:
    answer = server.execute(USER_QUERY, {"accounts": [{"source": source, "handle": handle}]})

    assert "data" not in answer.body
    assert_rejected(server, answer, "handle")
    assert answer.error["source"] == source


@pytest.mark.parametrize("source", list(Source))
def test_an_overlong_handle_is_rejected_without_a_configured_source_as_well(source: Source) -> None:
    with run_server(sandbox=False) as server:
        query = "query ($accounts: [AccountInput!]!) { user(accounts: $accounts) { id } }"
        account = {"source": source.name, "handle": "x" * 255}

        assert server.fetch_data(query, {"accounts": [account]})["user"]["id"]
        account["handle"] += "x"
        assert_rejected(server, server.execute(query, {"accounts": [account]}), "handle")


@pytest.mark.parametrize("handle", ["team/blue", "second user", "..x", "ünï", "%2e%2e", "a?b#c&d"])
def test_a_user_id_of_trophy_so_may_be_any_text(server: RunningServer, handle: str) -> None:
    query = """query ($handle: String!) {
        user(accounts: [{source: TROPHY_SO, handle: $handle}]) {
          accounts { handle status { state } }
        }
    }"""

    (account,) = server.fetch_data(query, {"handle": handle})["user"]["accounts"]

    known = handle in server.trophy_so.database.users
    assert account == {"handle": handle, "status": {"state": "OK" if known else "NOT_FOUND"}}


def test_a_user_without_accounts_is_rejected(server: RunningServer) -> None:
    assert_rejected(server, server.execute(USER_QUERY, {"accounts": []}), "accounts")


def test_two_accounts_on_one_source_are_rejected(server: RunningServer) -> None:
    accounts = [*VEGA, {"source": "PSN", "handle": "sample_friend"}]

    assert_rejected(server, server.execute(USER_QUERY, {"accounts": accounts}), "accounts")


@pytest.mark.parametrize("name", LISTS)
def test_an_empty_list_of_sources_is_rejected(server: RunningServer, name: str) -> None:
    query = f"""query ($accounts: [AccountInput!]!) {{
      user(accounts: $accounts) {{ {name}(sources: []) {{ totalCount }} }} }}"""

    assert_rejected(server, server.execute(query, {"accounts": VEGA}), "sources")
