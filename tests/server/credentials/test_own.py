"""A caller's own credentials: his alone, or an error, and never the operator's."""

import pytest

from providers.psn.sandbox import world
from tests.asking import PSN_VEGA, RETRO_VEGA, TROPHY_VEGA, VEGA, Server
from tests.server.credentials.people import (
    SECOND,
    SECOND_ON_PSN,
    SECOND_ON_RETRO,
    SECOND_ON_TROPHY_SO,
    Headers,
)

VIEWER = "{ viewer { accounts { source handle nativeId displayName } } }"
THINGS = """
query ($accounts: [AccountInput!]!) {
  user(accounts: $accounts) {
    displayName
    trophyTitles { edges { node { nativeId } } sources { source state } }
    accounts { status { state } nativeId }
  }
}"""
ME_ON_PSN = """
{
  user(accounts: [{ source: PSN, handle: "me" }]) {
    id displayName
    accounts { ... on PsnAccount {
      accountId trophySummary { level } presence { onlineStatus }
      friends { totalCount } playedGames { totalCount } messageGroups { totalCount }
    } }
  }
}"""
GROUP = world.DIRECT_GROUP_ID
DOORS = [
    ("GET", f"/psn/groups/{GROUP}/resources/{world.IMAGE_RESOURCE_ID}"),
    ("GET", "/graphql?query={viewer{displayName}}"),
]
# Each a whole credential in which one thing is wrong.
WRONG: list[tuple[str, Headers]] = [
    ("PSN", {**SECOND_ON_PSN, "x-npsso": "A" * 64}),
    ("PSN", {**SECOND_ON_PSN, "x-client-id": "another-client"}),
    ("PSN", {**SECOND_ON_PSN, "x-client-secret": "wrong"}),
    ("PSN", {**SECOND_ON_PSN, "x-client-secret": ""}),
    ("RETRO_ACHIEVEMENTS", {**SECOND_ON_RETRO, "x-retroachievements-api-key": "wrong"}),
    ("TROPHY_SO", {**SECOND_ON_TROPHY_SO, "x-trophy-so-api-key": "wrong"}),
]
OWNER = world.OWNER_ACCOUNT_ID
OF = {"PSN": PSN_VEGA, "RETRO_ACHIEVEMENTS": RETRO_VEGA, "TROPHY_SO": TROPHY_VEGA}


def used_the_operators(server: Server) -> bool:
    """Whether anything was asked with a credential of the operator's."""
    tokens = [*server.psn.state.access, *server.psn.state.refresh]
    asked = [
        f"{request.url} {request.headers.raw} {request.content}"
        for box in server.upstreams.sandboxes.values()
        for request in box.log
    ]
    secrets = (world.OWNER_NPSSO, "sandbox-ra-key", "sandbox.trophy-key", f"access.{OWNER}")
    return any(OWNER in token for token in tokens) or any(
        secret in text for text in asked for secret in secrets
    )


@pytest.mark.parametrize(("source", "headers"), WRONG)
def test_a_wrong_credential_is_the_callers_affair_and_never_the_operators(
    server: Server, source: str, headers: Headers
) -> None:
    answer = server.ask(THINGS, {"accounts": OF[source]}, headers)
    assert answer.partial["user"]["displayName"] is None
    assert answer.error_codes == {"UNAUTHENTICATED"}
    assert answer.partial["user"]["trophyTitles"]["edges"] == []
    (account,) = answer.partial["user"]["accounts"]
    assert account == {"status": {"state": "UNAUTHENTICATED"}, "nativeId": None}
    assert not used_the_operators(server)


def test_a_wrong_credential_reads_nothing_of_ones_own(server: Server) -> None:
    answer = server.ask(ME_ON_PSN, headers=WRONG[0][1])
    assert answer.error_codes == {"UNAUTHENTICATED"}
    assert answer.partial["user"]["accounts"][0]["trophySummary"] is None
    assert not used_the_operators(server)


@pytest.mark.parametrize(("source", "headers"), WRONG[:4])
def test_a_wrong_credential_opens_no_other_door(
    server: Server, source: str, headers: Headers
) -> None:
    download, question = (server.request(*door, headers=dict(headers)) for door in DOORS)
    assert download.status_code == 401
    assert download.json()["errors"][0]["extensions"] == {
        "code": "UNAUTHENTICATED",
        "source": source,
    }
    assert question.json()["data"] == {"viewer": {"displayName": None}}
    assert not used_the_operators(server)


def test_a_refused_credential_is_not_tried_again_for_each_question(server: Server) -> None:
    each = [({"accounts": PSN_VEGA}, WRONG[0][1])] * 20
    for _ in range(3):
        server.together(THINGS, each)
    asked = sum(count for name, count in server.psn.calls.items() if "/oauth/" in name)
    assert asked <= 2
    assert set(server.psn.calls) == {"POST ca.account.sony.com/api/authz/v3/oauth/token"}


@pytest.mark.parametrize("name", ["x-client-id", "x-npsso"])
def test_a_missing_part_is_named_and_nobody_is_asked(server: Server, name: str) -> None:
    headers = {key: value for key, value in SECOND_ON_PSN.items() if key != name}
    for method, path in DOORS:
        response = server.request(method, path, headers=headers)
        error = response.json()["errors"][0]
        assert response.status_code == 401
        assert error["extensions"]["code"] == "UNAUTHENTICATED"
        assert name in error["message"]
    assert server.psn.log == []


def test_the_viewer_is_the_caller_with_the_accounts_he_named(server: Server) -> None:
    accounts = server.data(VIEWER, headers=SECOND)["viewer"]["accounts"]
    assert [account["displayName"] for account in accounts] == [
        world.SECOND_ONLINE_ID,
        "SecondSam",
        "Second User",
    ]
    assert accounts[0]["nativeId"] == world.SECOND_ACCOUNT_ID
    assert not used_the_operators(server)


@pytest.mark.parametrize(
    ("source", "headers"),
    [
        ("PSN", SECOND_ON_PSN),
        ("RETRO_ACHIEVEMENTS", SECOND_ON_RETRO),
        ("TROPHY_SO", SECOND_ON_TROPHY_SO),
    ],
)
def test_an_account_that_he_did_not_name_is_not_among_his(
    server: Server, source: str, headers: Headers
) -> None:
    accounts = server.data(VIEWER, headers=headers)["viewer"]["accounts"]
    assert [account["source"] for account in accounts] == [source]
    assert not used_the_operators(server)


def test_what_is_his_own_is_his(server: Server) -> None:
    found = server.data(ME_ON_PSN, headers=SECOND_ON_PSN)["user"]["accounts"][0]
    assert found == {
        "accountId": world.SECOND_ACCOUNT_ID,
        "trophySummary": found["trophySummary"],
        "presence": {"onlineStatus": "online"},
        "friends": {"totalCount": 2},
        "playedGames": {"totalCount": 5},
        "messageGroups": {"totalCount": 2},
    }
    assert not used_the_operators(server)


def test_a_group_he_is_not_in_is_not_shown_to_him(server: Server) -> None:
    response = server.request(*DOORS[0], headers=dict(SECOND_ON_PSN))
    assert response.status_code == 404
    assert not used_the_operators(server)


def test_somebody_else_is_asked_about_with_his_own_credentials(server: Server) -> None:
    assert server.data(THINGS, {"accounts": VEGA[:2]}, {**SECOND_ON_PSN, **SECOND_ON_RETRO})
    assert not used_the_operators(server)


def test_a_public_client_needs_no_secret(server: Server) -> None:
    headers = {"x-client-id": world.PUBLIC_CLIENT_ID, "x-npsso": world.SECOND_NPSSO}
    account = server.data(VIEWER, headers=headers)["viewer"]["accounts"][0]
    assert account["nativeId"] == world.SECOND_ACCOUNT_ID
