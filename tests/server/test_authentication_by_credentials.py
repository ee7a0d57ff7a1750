"""A caller's own credentials are used or rejected, and the operator's never used instead."""

import pytest

from providers.psn.sandbox import constants
from providers.steam.sandbox import constants as steam_constants
from providers.xbox.sandbox import constants as xbox_constants
from tests.harness import PSN_VEGA, RETRO_VEGA, TROPHY_VEGA, VEGA, RunningServer
from tests.server.caller_headers import (
    SECOND,
    SECOND_ON_PSN,
    SECOND_ON_RETRO,
    SECOND_ON_STEAM,
    SECOND_ON_TROPHY_SO,
    SECOND_ON_XBOX,
    Headers,
)

VIEWER_QUERY = "{ viewer { accounts { source handle nativeId displayName } } }"
USER_QUERY = """
query ($accounts: [AccountInput!]!) {
  user(accounts: $accounts) {
    displayName
    trophyTitles { edges { node { nativeId } } sources { source state } }
    accounts { status { state } nativeId }
  }
}"""
PSN_ME_QUERY = """
{
  user(accounts: [{ source: PSN, handle: "me" }]) {
    id displayName
    accounts { ... on PsnAccount {
      accountId trophySummary { level } presence { onlineStatus }
      friends { totalCount } playedGames { totalCount } messageGroups { totalCount }
    } }
  }
}"""
GROUP_ID = constants.DIRECT_GROUP_ID
ROUTES = [
    ("GET", f"/psn/groups/{GROUP_ID}/resources/{constants.IMAGE_RESOURCE_ID}"),
    ("GET", "/graphql?query={viewer{displayName}}"),
]
# Complete credentials in which one value is wrong.
WRONG_CREDENTIALS: list[tuple[str, Headers]] = [
    ("PSN", {**SECOND_ON_PSN, "x-npsso": "A" * 64}),
    ("PSN", {**SECOND_ON_PSN, "x-client-id": "another-client"}),
    ("PSN", {**SECOND_ON_PSN, "x-client-secret": "wrong"}),
    ("PSN", {**SECOND_ON_PSN, "x-client-secret": ""}),
    ("RETRO_ACHIEVEMENTS", {**SECOND_ON_RETRO, "x-retroachievements-api-key": "wrong"}),
    ("TROPHY_SO", {**SECOND_ON_TROPHY_SO, "x-trophy-so-api-key": "wrong"}),
]
OWNER = constants.OWNER_ACCOUNT_ID
ACCOUNTS_BY_SOURCE = {"PSN": PSN_VEGA, "RETRO_ACHIEVEMENTS": RETRO_VEGA, "TROPHY_SO": TROPHY_VEGA}


def has_used_operator_credentials(server: RunningServer) -> bool:
    """Return whether any call was made with one of the operator's credentials."""
    tokens = [*server.psn.state.access_tokens, *server.psn.state.refresh_tokens]
    requests = [
        f"{request.url} {request.headers.raw} {request.content}"
        for box in server.upstreams.sandboxes.values()
        for request in box.log
    ]
    secrets = (constants.OWNER_NPSSO, "sandbox-ra-key", "sandbox.trophy-key")
    secrets += (steam_constants.OWNER_KEY, xbox_constants.OWNER_KEY, f"access.{OWNER}")
    return any(OWNER in token for token in tokens) or any(
        secret in text for text in requests for secret in secrets
    )


@pytest.mark.parametrize(("source", "headers"), WRONG_CREDENTIALS)
def test_a_wrong_credential_is_the_callers_error_and_the_operators_is_not_used(
    server: RunningServer, source: str, headers: Headers
) -> None:
    answer = server.execute(USER_QUERY, {"accounts": ACCOUNTS_BY_SOURCE[source]}, headers)
    assert answer.partial_data["user"]["displayName"] is None
    assert answer.error_codes == {"UNAUTHENTICATED"}
    assert answer.partial_data["user"]["trophyTitles"]["edges"] == []
    (account,) = answer.partial_data["user"]["accounts"]
    assert account == {"status": {"state": "UNAUTHENTICATED"}, "nativeId": None}
    assert not has_used_operator_credentials(server)


def test_a_wrong_credential_reads_no_viewer_data(server: RunningServer) -> None:
    answer = server.execute(PSN_ME_QUERY, headers=WRONG_CREDENTIALS[0][1])
    assert answer.error_codes == {"UNAUTHENTICATED"}
    assert answer.partial_data["user"]["accounts"][0]["trophySummary"] is None
    assert not has_used_operator_credentials(server)


@pytest.mark.parametrize(("source", "headers"), WRONG_CREDENTIALS[:4])
def test_a_wrong_credential_is_rejected_on_every_route(
    server: RunningServer, source: str, headers: Headers
) -> None:
    download, response = (server.request(*door, headers=dict(headers)) for door in ROUTES)
    assert download.status_code == 401
    assert download.json()["errors"][0]["extensions"] == {
        "code": "UNAUTHENTICATED",
        "source": source,
    }
    assert response.json()["data"] == {"viewer": {"displayName": None}}
    assert not has_used_operator_credentials(server)


@pytest.mark.slow
def test_a_rejected_credential_is_not_retried_for_each_query(server: RunningServer) -> None:
    each = [({"accounts": PSN_VEGA}, WRONG_CREDENTIALS[0][1])] * 20
    for _ in range(3):
        server.execute_concurrently(USER_QUERY, each)
    sign_in_calls = sum(count for name, count in server.psn.calls.items() if "/oauth/" in name)
    assert sign_in_calls <= 2
    assert set(server.psn.calls) == {"POST ca.account.sony.com/api/authz/v3/oauth/token"}


@pytest.mark.parametrize("name", ["x-client-id", "x-npsso"])
def test_a_missing_header_is_named_and_no_upstream_is_called(
    server: RunningServer, name: str
) -> None:
    headers = {key: value for key, value in SECOND_ON_PSN.items() if key != name}
    for method, path in ROUTES:
        response = server.request(method, path, headers=headers)
        error = response.json()["errors"][0]
        assert response.status_code == 401
        assert error["extensions"]["code"] == "UNAUTHENTICATED"
        assert name in error["message"]
    assert server.psn.log == []


def test_the_viewer_has_the_accounts_of_the_callers_credentials(server: RunningServer) -> None:
    accounts = server.fetch_data(VIEWER_QUERY, headers=SECOND)["viewer"]["accounts"]
    assert [account["displayName"] for account in accounts] == [
        constants.SECOND_ONLINE_ID,
        "SecondSam",
        "Second User",
        "Second Sam",
        "Second Sam",
    ]
    assert accounts[0]["nativeId"] == constants.SECOND_ACCOUNT_ID
    assert not has_used_operator_credentials(server)


@pytest.mark.parametrize(
    ("source", "headers"),
    [
        ("PSN", SECOND_ON_PSN),
        ("RETRO_ACHIEVEMENTS", SECOND_ON_RETRO),
        ("TROPHY_SO", SECOND_ON_TROPHY_SO),
        ("STEAM", SECOND_ON_STEAM),
        ("XBOX", SECOND_ON_XBOX),
    ],
)
def test_an_account_without_credentials_is_not_the_viewers(
    server: RunningServer, source: str, headers: Headers
) -> None:
    accounts = server.fetch_data(VIEWER_QUERY, headers=headers)["viewer"]["accounts"]
    assert [account["source"] for account in accounts] == [source]
    assert not has_used_operator_credentials(server)


def test_callers_read_their_own_data(server: RunningServer) -> None:
    found = server.fetch_data(PSN_ME_QUERY, headers=SECOND_ON_PSN)["user"]["accounts"][0]
    assert found == {
        "accountId": constants.SECOND_ACCOUNT_ID,
        "trophySummary": found["trophySummary"],
        "presence": {"onlineStatus": "online"},
        "friends": {"totalCount": 2},
        "playedGames": {"totalCount": 5},
        "messageGroups": {"totalCount": 2},
    }
    assert not has_used_operator_credentials(server)


def test_a_group_without_the_caller_is_not_shown(server: RunningServer) -> None:
    response = server.request(*ROUTES[0], headers=dict(SECOND_ON_PSN))
    assert response.status_code == 404
    assert not has_used_operator_credentials(server)


def test_other_users_are_read_with_the_callers_credentials(server: RunningServer) -> None:
    assert server.fetch_data(
        USER_QUERY, {"accounts": VEGA[:2]}, {**SECOND_ON_PSN, **SECOND_ON_RETRO}
    )
    assert not has_used_operator_credentials(server)


def test_a_public_client_needs_no_secret(server: RunningServer) -> None:
    headers = {"x-client-id": constants.PUBLIC_CLIENT_ID, "x-npsso": constants.SECOND_NPSSO}
    account = server.fetch_data(VIEWER_QUERY, headers=headers)["viewer"]["accounts"][0]
    assert account["nativeId"] == constants.SECOND_ACCOUNT_ID
