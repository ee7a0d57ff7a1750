"""API keys with their scopes, and callers' own credentials."""

from contextlib import AbstractContextManager
from itertools import combinations
from typing import Any

import pytest

from providers.psn.sandbox.constants import (
    OWNER_ACCOUNT_ID,
    OWNER_NPSSO,
    SECOND_ACCOUNT_ID,
    SECOND_NPSSO,
)
from providers.registry import Source
from tests.harness import (
    NO_CACHE_HEADERS,
    PSN_VEGA,
    VEGA,
    GraphQLResponse,
    RunningServer,
    operator_settings,
    run_server,
)

KEYS = (
    "reader:key-of-the-reader:read,writer:key-of-the-writer:write,"
    "both:key-of-both-scopes:read+write"
)
READER, WRITER, BOTH = (
    {"Authorization": f"Bearer key-of-{name}"}
    for name in ("the-reader", "the-writer", "both-scopes")
)
CREDENTIALS = {
    "PSN": {
        "x-client-id": "sandbox-client",
        "x-client-secret": "sandbox-secret",
        "x-npsso": SECOND_NPSSO,
    },
    "RETRO_ACHIEVEMENTS": {
        "x-retroachievements-username": "SecondSam",
        "x-retroachievements-api-key": "sandbox-ra-second-key",
    },
    "TROPHY_SO": {
        "x-trophy-so-user-id": "second user",
        "x-trophy-so-api-key": "app_sandbox.second",
    },
}
VIEWER_QUERY = "{ viewer { id accounts { source handle nativeId displayName status { state } } } }"
USER_QUERY = """
query ($accounts: [AccountInput!]!) {
  user(accounts: $accounts) {
    displayName
    trophyTitles { edges { node { id nativeId hiddenByOwner } } sources { source state } }
    achievements { edges { node { id } } sources { source state } }
  }
}
"""
ME_QUERY = '{ user(accounts: [{source: PSN, handle: "me"}]) { displayName } }'
OWN_DATA_QUERY = """
{
  user(accounts: [{source: PSN, handle: "%s"}]) {
    campaigns { id }
    accounts { ... on PsnAccount { messageGroups { edges { node { id } } sources { state } } } }
  }
}
"""


def assert_rejected(answer: GraphQLResponse, code: str = "UNAUTHENTICATED") -> None:
    """Assert that the response is one error, without data."""
    status = {"UNAUTHENTICATED": 401, "FORBIDDEN": 403}[code]
    assert answer.status == status
    assert "data" not in answer.body
    assert [error["extensions"]["code"] for error in answer.errors] == [code]
    assert answer.headers["content-type"].startswith("application/json")


def serve_with_keys() -> AbstractContextManager[RunningServer]:
    return run_server(TROPHYCASE_API_KEYS=KEYS)


@pytest.mark.slow
@pytest.mark.parametrize(
    "header",
    [
        "Bearer nonsense",
        "Bearer",
        "Bearer ",
        "",
        "key-of-the-reader",
        "Basic key-of-the-reader",
        "Bearer key-of-the-reader key-of-the-writer",
        "Bearer KEY-OF-THE-READER",
        b"Bearer k\xe9y",
        "Token token=key-of-the-reader",
    ],
)
def test_an_invalid_authorization_header_is_rejected(header: str | bytes) -> None:
    headers: Any = {"Authorization": header}
    with serve_with_keys() as server:
        answer = server.execute(VIEWER_QUERY, headers=headers)

        assert_rejected(answer)
        assert answer.headers["www-authenticate"] == "Bearer"
        assert server.count_upstream_calls() == {}


def test_an_invalid_authorization_header_is_rejected_beside_valid_credentials() -> None:
    with serve_with_keys() as server:
        assert_rejected(
            server.execute(
                VIEWER_QUERY, headers={**CREDENTIALS["PSN"], "Authorization": "Bearer nonsense"}
            )
        )

        assert server.count_upstream_calls() == {}


def test_a_key_is_required_where_keys_are_set() -> None:
    with serve_with_keys() as server:
        assert_rejected(server.execute(VIEWER_QUERY))
        assert_rejected(server.execute("{ __typename }"))


@pytest.mark.parametrize("headers", [READER, BOTH, {"authorization": "bearer key-of-the-reader"}])
def test_a_read_key_shows_the_operators_accounts(headers: dict[str, str]) -> None:
    with serve_with_keys() as server:
        viewer = server.fetch_data(VIEWER_QUERY, headers=headers)["viewer"]

        shown = {account["displayName"] for account in viewer["accounts"]}
        assert {"vega_north", "VegaNorth", "Vega"} <= shown


def test_a_key_without_the_read_scope_reads_nothing() -> None:
    with serve_with_keys() as server:
        viewer = server.execute(VIEWER_QUERY, headers=WRITER)
        person = server.execute(USER_QUERY, {"accounts": PSN_VEGA}, WRITER)
        bare = server.execute('{ trophyTitle(nativeId: "NPWR00001_00") { name } }', headers=WRITER)

        assert viewer.partial_data["viewer"] is None
        assert viewer.error["code"] == "FORBIDDEN"
        assert person.partial_data["user"]["trophyTitles"]["edges"] == []
        assert person.error_codes == {"FORBIDDEN"}
        assert bare.error["code"] == "FORBIDDEN"
        assert server.count_upstream_calls() == {}


def test_a_response_contains_no_key() -> None:
    with serve_with_keys() as server:
        answers = [
            server.execute(VIEWER_QUERY, headers={"Authorization": "Bearer key-wrong"}),
            server.execute(VIEWER_QUERY, headers=READER),
        ]

        for answer in answers:
            assert "key-" not in str(answer.body)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_viewer_has_exactly_the_accounts_of_the_credentials(
    server: RunningServer, count: int
) -> None:
    for sources in combinations(CREDENTIALS, count):
        headers = {name: value for source in sources for name, value in CREDENTIALS[source].items()}

        viewer = server.fetch_data(VIEWER_QUERY, headers=headers)["viewer"]

        assert [account["source"] for account in viewer["accounts"]] == list(sources)
        names = {
            "PSN": "second_player",
            "RETRO_ACHIEVEMENTS": "SecondSam",
            "TROPHY_SO": "Second User",
        }
        assert [account["displayName"] for account in viewer["accounts"]] == [
            names[source] for source in sources
        ]
        assert {account["status"]["state"] for account in viewer["accounts"]} == {"OK"}


def test_a_caller_with_credentials_needs_no_key() -> None:
    with serve_with_keys() as server:
        viewer = server.fetch_data(VIEWER_QUERY, headers=CREDENTIALS["RETRO_ACHIEVEMENTS"])[
            "viewer"
        ]
        answer = server.execute(USER_QUERY, {"accounts": VEGA}, CREDENTIALS["RETRO_ACHIEVEMENTS"])

        assert [account["displayName"] for account in viewer["accounts"]] == ["SecondSam"]
        states = {
            status["source"]: status["state"]
            for status in answer.data["user"]["achievements"]["sources"]
        }
        assert states == {
            "PSN": "UNAUTHENTICATED",
            "RETRO_ACHIEVEMENTS": "OK",
            "TROPHY_SO": "UNAUTHENTICATED",
        }
        assert set(server.count_upstream_calls()) == {"RETRO_ACHIEVEMENTS"}


@pytest.mark.parametrize("source", CREDENTIALS)
def test_incomplete_credentials_are_rejected(server: RunningServer, source: str) -> None:
    whole = CREDENTIALS[source]
    for name in whole:
        if name == "x-client-secret":  # a public client has none
            continue
        for some in (
            {key: value for key, value in whole.items() if key != name},
            {**whole, name: ""},
        ):
            answer = server.execute(VIEWER_QUERY, headers=some)

            assert_rejected(answer)
            assert answer.error["source"] == source

    assert server.count_upstream_calls() == {}


@pytest.mark.parametrize(
    ("source", "name"), [(source, name) for source, whole in CREDENTIALS.items() for name in whole]
)
@pytest.mark.parametrize("value", ["", " "])
def test_an_empty_credential_does_not_use_the_operators(
    server: RunningServer, source: str, name: str, value: str
) -> None:
    answer = server.execute(VIEWER_QUERY, headers={name: value})

    assert_rejected(answer)
    assert answer.error["source"] == source


@pytest.mark.parametrize(
    ("source", "name", "value"),
    [
        ("PSN", "x-npsso", "short"),
        ("PSN", "x-npsso", "ü" * 64),
        ("PSN", "x-npsso", "A" * 63 + "/"),
        ("RETRO_ACHIEVEMENTS", "x-retroachievements-username", "a b"),
        ("RETRO_ACHIEVEMENTS", "x-retroachievements-api-key", "a key"),
        ("RETRO_ACHIEVEMENTS", "x-retroachievements-api-key", "k" * 129),
        ("TROPHY_SO", "x-trophy-so-user-id", "."),
        ("TROPHY_SO", "x-trophy-so-user-id", "x" * 256),
        ("TROPHY_SO", "x-trophy-so-api-key", "two words"),
    ],
)
def test_malformed_credentials_are_rejected(
    server: RunningServer, source: str, name: str, value: str
) -> None:
    headers: Any = {**CREDENTIALS[source], name: value.encode()}

    answer = server.execute(VIEWER_QUERY, headers=headers)

    assert_rejected(answer)
    assert answer.error["source"] == source
    assert server.count_upstream_calls() == {}


@pytest.mark.parametrize(
    ("source", "name", "value"),
    [
        ("PSN", "x-npsso", "A" * 64),
        ("PSN", "x-client-secret", "wrong"),
        ("PSN", "x-client-id", "wrong"),
        ("RETRO_ACHIEVEMENTS", "x-retroachievements-api-key", "wrong"),
        ("TROPHY_SO", "x-trophy-so-api-key", "wrong"),
    ],
)
def test_credentials_that_the_source_rejects_are_the_callers_error(
    server: RunningServer, source: str, name: str, value: str
) -> None:
    headers = {**CREDENTIALS[source], name: value}

    answer = server.execute("{ viewer { displayName } }", headers=headers)

    assert answer.partial_data["viewer"] == {"displayName": None}
    assert answer.error == {"code": "UNAUTHENTICATED", "source": source}
    after = server.fetch_data("{ viewer { displayName } }")
    assert after == {"viewer": {"displayName": "vega_north"}}


def test_credentials_for_one_source_do_not_use_the_operators_for_another(
    server: RunningServer,
) -> None:
    answer = server.execute(ME_QUERY, headers=CREDENTIALS["RETRO_ACHIEVEMENTS"])

    assert answer.partial_data == {"user": None}
    assert answer.error == {"code": "UNAUTHENTICATED", "source": "PSN"}
    assert server.count_upstream_calls() == {}


@pytest.mark.parametrize("credentials_of", ["others", "own"])
def test_the_operators_own_data_is_not_shown_to_a_caller(
    server: RunningServer, credentials_of: str
) -> None:
    headers = (
        CREDENTIALS["RETRO_ACHIEVEMENTS"] if credentials_of == "others" else CREDENTIALS["PSN"]
    )

    answer = server.execute(OWN_DATA_QUERY % OWNER_ACCOUNT_ID, headers=headers)

    assert answer.partial_data["user"]["campaigns"] is None
    assert answer.codes["user.campaigns"] == "FORBIDDEN"
    groups = answer.partial_data["user"]["accounts"][0]["messageGroups"]
    assert groups is None or groups["edges"] == []


def test_the_operator_reads_the_operators_own_data(server: RunningServer) -> None:
    found = server.fetch_data(OWN_DATA_QUERY % OWNER_ACCOUNT_ID)["user"]

    assert len(found["campaigns"]) == 4
    assert found["accounts"][0]["messageGroups"]["edges"]


def list_hidden_titles(data: Any) -> list[str]:
    return [
        edge["node"]["nativeId"]
        for edge in data["user"]["trophyTitles"]["edges"]
        if edge["node"]["hiddenByOwner"]
    ]


@pytest.mark.slow
def test_operator_and_caller_never_see_each_others_hidden_titles(server: RunningServer) -> None:
    owner = {"accounts": PSN_VEGA}
    second = {"accounts": [{"source": "PSN", "handle": SECOND_ACCOUNT_ID}]}
    for fresh in ({}, NO_CACHE_HEADERS, {}):
        for headers in ({}, CREDENTIALS["PSN"], {}, CREDENTIALS["PSN"]):
            asks = {**headers, **fresh}
            own, other = (second, owner) if headers else (owner, second)
            assert list_hidden_titles(server.fetch_data(USER_QUERY, own, asks))
            assert not list_hidden_titles(server.fetch_data(USER_QUERY, other, asks))


@pytest.mark.slow
def test_concurrent_operator_and_callers_get_their_own_accounts(server: RunningServer) -> None:
    callers: list[tuple[dict[str, str], str]] = [
        ({}, "vega_north"),
        (CREDENTIALS["PSN"], "second_player"),
        (CREDENTIALS["RETRO_ACHIEVEMENTS"], "SecondSam"),
        (CREDENTIALS["TROPHY_SO"], "Second User"),
        ({**CREDENTIALS["PSN"], "x-npsso": OWNER_NPSSO}, "vega_north"),
    ]
    nothing: dict[str, Any] = {}
    for headers, _ in callers:  # accepted once, they are no strangers any more
        server.fetch_data("{ viewer { displayName } }", nothing, headers)

    answers = server.execute_concurrently(
        "{ viewer { displayName } }", [(nothing, headers) for headers, _ in callers * 8]
    )

    assert [answer.data["viewer"]["displayName"] for answer in answers] == [
        name for _, name in callers
    ] * 8


def test_a_user_bound_key_sees_its_own_user_alone(server: RunningServer) -> None:
    query = '{ user(accounts: [{source: TROPHY_SO, handle: "%s"}]) { displayName } }'

    own = server.fetch_data(query % "second user", headers=CREDENTIALS["TROPHY_SO"])
    other = server.execute(query % "vega", headers=CREDENTIALS["TROPHY_SO"])
    operator = server.fetch_data(query % "vega")
    again = server.execute(query % "vega", headers=CREDENTIALS["TROPHY_SO"])

    assert own["user"]["displayName"] == "Second User"
    assert operator["user"]["displayName"] == "Vega"
    assert other.error == again.error == {"code": "PRIVATE", "source": "TROPHY_SO"}


def test_a_callers_credentials_go_to_their_own_source_alone(server: RunningServer) -> None:
    headers = {name: value for whole in CREDENTIALS.values() for name, value in whole.items()}
    server.execute(USER_QUERY, {"accounts": VEGA}, headers)

    secrets = {
        "PSN": SECOND_NPSSO,
        "RETRO_ACHIEVEMENTS": "sandbox-ra-second-key",
        "TROPHY_SO": "app_sandbox.second",
    }
    for source, sandbox in server.upstreams.sandboxes.items():
        sent = str([(request.url, request.headers.raw, request.content) for request in sandbox.log])
        for owner, secret in secrets.items():
            assert (secret in sent) is (owner == source.name)
        assert "x-retroachievements" not in sent
        assert "x-client-id" not in sent


def test_a_server_without_credentials_serves_callers_with_their_own(
    tmp_path: Any,
) -> None:
    settings = {**operator_settings(), "TROPHYCASE_STATE_DIR": str(tmp_path)}
    with run_server(sandbox=False, **settings) as server:
        without_credentials = server.fetch_data("{ viewer { id } }")
        caller = server.fetch_data(VIEWER_QUERY, headers=CREDENTIALS["TROPHY_SO"])

    assert without_credentials == {"viewer": None}
    assert [account["displayName"] for account in caller["viewer"]["accounts"]] == ["Second User"]


@pytest.mark.parametrize("source", CREDENTIALS)
def test_a_source_names_the_headers_of_a_credential(source: str) -> None:
    assert Source[source].value.credential_headers == frozenset(CREDENTIALS[source])
