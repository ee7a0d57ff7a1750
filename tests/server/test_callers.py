"""Who asks: API keys and their scopes, credentials of one's own, and never anybody else's data."""

from itertools import combinations
from typing import Any

import pytest

from providers.psn.sandbox.world import (
    OWNER_ACCOUNT_ID,
    OWNER_NPSSO,
    SECOND_ACCOUNT_ID,
    SECOND_NPSSO,
)
from providers.registry import Source
from tests.asking import FRESH, PSN_VEGA, VEGA, Answer, Server, configured, serving

KEYS = "reader:key-r:read,writer:key-w:write,both:key-b:read+write"
READER, WRITER, BOTH = ({"Authorization": f"Bearer key-{name}"} for name in "rwb")
OWN = {
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
VIEWER = "{ viewer { id accounts { source handle nativeId displayName status { state } } } }"
PERSON = """
query ($accounts: [AccountInput!]!) {
  user(accounts: $accounts) {
    displayName
    trophyTitles { edges { node { id nativeId hiddenByOwner } } sources { source state } }
    achievements { edges { node { id } } sources { source state } }
  }
}
"""
ME = '{ user(accounts: [{source: PSN, handle: "me"}]) { displayName } }'
OWN_THINGS = """
{
  user(accounts: [{source: PSN, handle: "%s"}]) {
    campaigns { id }
    accounts { ... on PsnAccount { messageGroups { edges { node { id } } sources { state } } } }
  }
}
"""


def refused(answer: Answer, code: str = "UNAUTHENTICATED") -> None:
    """An error in JSON, and nothing of the answer."""
    status = {"UNAUTHENTICATED": 401, "FORBIDDEN": 403}[code]
    assert answer.status == status
    assert "data" not in answer.body
    assert [error["extensions"]["code"] for error in answer.errors] == [code]
    assert answer.headers["content-type"].startswith("application/json")


def keyed() -> Any:
    return serving(TROPHYCASE_API_KEYS=KEYS)


@pytest.mark.parametrize(
    "header",
    [
        "Bearer nonsense",
        "Bearer",
        "Bearer ",
        "",
        "key-r",
        "Basic key-r",
        "Bearer key-r key-w",
        "Bearer KEY-R",
        b"Bearer k\xe9y",
        "Token token=key-r",
    ],
)
def test_a_bad_authorization_is_refused(header: str | bytes) -> None:
    headers: Any = {"Authorization": header}
    with keyed() as server:
        answer = server.ask(VIEWER, headers=headers)

        refused(answer)
        assert answer.headers["www-authenticate"] == "Bearer"
        assert server.asked() == {}


def test_a_bad_authorization_is_refused_even_beside_good_credentials() -> None:
    with keyed() as server:
        refused(server.ask(VIEWER, headers={**OWN["PSN"], "Authorization": "Bearer nonsense"}))

        assert server.asked() == {}


def test_nobody_is_let_in_without_a_key_where_keys_are_set() -> None:
    with keyed() as server:
        refused(server.ask(VIEWER))
        refused(server.ask("{ __typename }"))


@pytest.mark.parametrize("headers", [READER, BOTH, {"authorization": "bearer key-r"}])
def test_a_key_that_may_read_sees_the_operators_accounts(headers: dict[str, str]) -> None:
    with keyed() as server:
        viewer = server.data(VIEWER, headers=headers)["viewer"]

        shown = {account["displayName"] for account in viewer["accounts"]}
        assert {"vega_north", "VegaNorth", "Vega"} <= shown


def test_a_key_that_may_not_read_reads_nothing() -> None:
    with keyed() as server:
        viewer = server.ask(VIEWER, headers=WRITER)
        person = server.ask(PERSON, {"accounts": PSN_VEGA}, WRITER)
        bare = server.ask('{ trophyTitle(nativeId: "NPWR00001_00") { name } }', headers=WRITER)

        assert viewer.partial["viewer"] is None
        assert viewer.error["code"] == "FORBIDDEN"
        assert person.partial["user"]["trophyTitles"]["edges"] == []
        assert person.error_codes == {"FORBIDDEN"}
        assert bare.error["code"] == "FORBIDDEN"
        assert server.asked() == {}


def test_a_key_is_no_secret_of_the_answer() -> None:
    with keyed() as server:
        answers = [
            server.ask(VIEWER, headers={"Authorization": "Bearer key-wrong"}),
            server.ask(VIEWER, headers=READER),
        ]

        for answer in answers:
            assert "key-" not in str(answer.body)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_credentials_make_the_viewer_the_caller_with_just_the_accounts_he_named(
    server: Server, count: int
) -> None:
    for sources in combinations(OWN, count):
        headers = {name: value for source in sources for name, value in OWN[source].items()}

        viewer = server.data(VIEWER, headers=headers)["viewer"]

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


def test_credentials_are_enough_where_keys_are_set() -> None:
    with keyed() as server:
        viewer = server.data(VIEWER, headers=OWN["RETRO_ACHIEVEMENTS"])["viewer"]
        answer = server.ask(PERSON, {"accounts": VEGA}, OWN["RETRO_ACHIEVEMENTS"])

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
        assert set(server.asked()) == {"RETRO_ACHIEVEMENTS"}


@pytest.mark.parametrize("source", OWN)
def test_incomplete_credentials_are_an_error(server: Server, source: str) -> None:
    whole = OWN[source]
    for name in whole:
        if name == "x-client-secret":  # a public client has none
            continue
        for some in (
            {key: value for key, value in whole.items() if key != name},
            {**whole, name: ""},
        ):
            answer = server.ask(VIEWER, headers=some)

            refused(answer)
            assert answer.error["source"] == source

    assert server.asked() == {}


@pytest.mark.parametrize(
    ("source", "name"), [(source, name) for source, whole in OWN.items() for name in whole]
)
@pytest.mark.parametrize("value", ["", " "])
def test_an_empty_credential_alone_is_not_the_operators(
    server: Server, source: str, name: str, value: str
) -> None:
    answer = server.ask(VIEWER, headers={name: value})

    refused(answer)
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
def test_malformed_credentials_are_an_error(
    server: Server, source: str, name: str, value: str
) -> None:
    headers: Any = {**OWN[source], name: value.encode()}

    answer = server.ask(VIEWER, headers=headers)

    refused(answer)
    assert answer.error["source"] == source
    assert server.asked() == {}


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
def test_credentials_that_the_source_refuses_are_the_callers_problem(
    server: Server, source: str, name: str, value: str
) -> None:
    headers = {**OWN[source], name: value}

    answer = server.ask("{ viewer { displayName } }", headers=headers)

    assert answer.partial["viewer"] == {"displayName": None}
    assert answer.error == {"code": "UNAUTHENTICATED", "source": source}
    after = server.data("{ viewer { displayName } }")
    assert after == {"viewer": {"displayName": "vega_north"}}


def test_credentials_of_one_source_do_not_make_the_caller_the_operator_of_another(
    server: Server,
) -> None:
    answer = server.ask(ME, headers=OWN["RETRO_ACHIEVEMENTS"])

    assert answer.partial == {"user": None}
    assert answer.error == {"code": "UNAUTHENTICATED", "source": "PSN"}
    assert server.asked() == {}


@pytest.mark.parametrize("whose", ["others", "own"])
def test_what_is_the_operators_own_is_not_shown_to_a_caller(server: Server, whose: str) -> None:
    headers = OWN["RETRO_ACHIEVEMENTS"] if whose == "others" else OWN["PSN"]

    answer = server.ask(OWN_THINGS % OWNER_ACCOUNT_ID, headers=headers)

    assert answer.partial["user"]["campaigns"] is None
    assert answer.codes["user.campaigns"] == "FORBIDDEN"
    groups = answer.partial["user"]["accounts"][0]["messageGroups"]
    assert groups is None or groups["edges"] == []


def test_the_operator_is_shown_what_is_his_own(server: Server) -> None:
    found = server.data(OWN_THINGS % OWNER_ACCOUNT_ID)["user"]

    assert len(found["campaigns"]) == 4
    assert found["accounts"][0]["messageGroups"]["edges"]


def hidden_titles(data: Any) -> list[str]:
    return [
        edge["node"]["nativeId"]
        for edge in data["user"]["trophyTitles"]["edges"]
        if edge["node"]["hiddenByOwner"]
    ]


def test_operator_and_caller_never_see_each_others_hidden_titles(server: Server) -> None:
    owner = {"accounts": PSN_VEGA}
    second = {"accounts": [{"source": "PSN", "handle": SECOND_ACCOUNT_ID}]}
    for fresh in ({}, FRESH, {}):
        for headers in ({}, OWN["PSN"], {}, OWN["PSN"]):
            asks = {**headers, **fresh}
            own, other = (second, owner) if headers else (owner, second)
            assert hidden_titles(server.data(PERSON, own, asks))
            assert not hidden_titles(server.data(PERSON, other, asks))


def test_operator_and_callers_at_once_each_get_their_own(server: Server) -> None:
    everybody: list[tuple[dict[str, str], str]] = [
        ({}, "vega_north"),
        (OWN["PSN"], "second_player"),
        (OWN["RETRO_ACHIEVEMENTS"], "SecondSam"),
        (OWN["TROPHY_SO"], "Second User"),
        ({**OWN["PSN"], "x-npsso": OWNER_NPSSO}, "vega_north"),
    ]
    nothing: dict[str, Any] = {}

    answers = server.together(
        "{ viewer { displayName } }", [(nothing, headers) for headers, _ in everybody * 8]
    )

    assert [answer.data["viewer"]["displayName"] for answer in answers] == [
        name for _, name in everybody
    ] * 8


def test_a_bound_key_sees_its_own_user_alone(server: Server) -> None:
    query = '{ user(accounts: [{source: TROPHY_SO, handle: "%s"}]) { displayName } }'

    own = server.data(query % "second user", headers=OWN["TROPHY_SO"])
    other = server.ask(query % "vega", headers=OWN["TROPHY_SO"])
    operator = server.data(query % "vega")
    again = server.ask(query % "vega", headers=OWN["TROPHY_SO"])

    assert own["user"]["displayName"] == "Second User"
    assert operator["user"]["displayName"] == "Vega"
    assert other.error == again.error == {"code": "PRIVATE", "source": "TROPHY_SO"}


def test_a_callers_credentials_go_to_their_own_source_alone(server: Server) -> None:
    headers = {name: value for whole in OWN.values() for name, value in whole.items()}
    server.ask(PERSON, {"accounts": VEGA}, headers)

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


def test_an_unkeyed_server_with_nothing_configured_answers_callers_alone(tmp_path: Any) -> None:
    settings = {**configured(), "TROPHYCASE_STATE_DIR": str(tmp_path)}
    with serving(sandbox=False, **settings) as server:
        nobody = server.data("{ viewer { id } }")
        caller = server.data(VIEWER, headers=OWN["TROPHY_SO"])

    assert nobody == {"viewer": None}
    assert [account["displayName"] for account in caller["viewer"]["accounts"]] == ["Second User"]


@pytest.mark.parametrize("source", OWN)
def test_a_source_names_the_headers_of_a_credential(source: str) -> None:
    assert Source[source].value.credential_headers == frozenset(OWN[source])
