"""No answer, log, error, metric or command line holds a credential."""

from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from providers.psn.sandbox import world
from providers.registry import Source
from server.settings import read
from tests.server.credentials.people import (
    NOBODY,
    SECOND,
    SECOND_ON_PSN,
    SECRETS,
    Headers,
    bearing,
)
from tests.server.credentials.processes import Sandbox
from tests.server.operations.running import SECONDS, Process, running

API_KEY, REFUSED_NPSSO, WRONG_KEY = "key-of-the-reader", "R" * 64, "key-of-nobody"
WRONG: Headers = {
    **SECOND_ON_PSN,
    "x-npsso": REFUSED_NPSSO,
    "x-retroachievements-username": "SecondSam",
    "x-retroachievements-api-key": "retro-wrong-key",
}
HIDDEN = (
    *SECRETS,
    API_KEY,
    REFUSED_NPSSO,
    WRONG_KEY,
    "retro-wrong-key",
    *(quote(secret, safe="") for secret in SECRETS),
)
EVERYTHING = """
query Everything($accounts: [AccountInput!]!) {
  sources { source status { state message } budget { remaining } }
  psnOperations { name }
  viewer { id displayName }
  user(accounts: $accounts) {
    id displayName avatar { url }
    trophyTitles { edges { cursor node { id name icon { url } } } sources { state message } }
    achievements { edges { cursor node { id name } } sources { state message } }
    awards { edges { node { id } } sources { state message } }
    accounts {
      id handle profileUrl status { state message }
      ... on PsnAccount {
        npId friends(first: 5) { edges { node { onlineId presence { onlineStatus } } } }
        messageGroups { edges { node { id name } } }
      }
    }
  }
  searchAccounts(term: "sample") { edges { node { handle } } }
}"""
SENDING = """
mutation {
  sendPsnMessage(input: { groupId: "%s", body: "hello" }) { messageUid createdAt threadId }
}"""
RESOURCE = f"/psn/groups/{world.DIRECT_GROUP_ID}/resources/{world.IMAGE_RESOURCE_ID}"


@dataclass
class Talk:
    """A running server, and everything that it has answered."""

    process: Process
    http: httpx.Client
    heard: list[str] = field(default_factory=list[str])

    def ask(self, query: str, headers: Headers, **variables: Any) -> None:
        """Put a question."""
        self.request("POST", "/graphql", headers, {"query": query, "variables": variables})

    def request(self, method: str, path: str, headers: Headers, content: Any = None) -> None:
        """Send any request."""
        response = self.http.request(method, path, headers=dict(headers), json=content)
        assert response.status_code != 500
        assert "INTERNAL_SERVER_ERROR" not in response.text
        self.heard.append(f"{response.headers} {response.text}")

    def all_of_it(self) -> None:
        """Ask as everybody, about everything, through every door."""
        accounts = [
            {"source": "PSN", "handle": world.OWNER_ACCOUNT_ID},
            {"source": "RETRO_ACHIEVEMENTS", "handle": "VegaNorth"},
            {"source": "TROPHY_SO", "handle": "vega"},
        ]
        for headers in (bearing(API_KEY), SECOND, WRONG, NOBODY, bearing(WRONG_KEY)):
            for fresh in ({}, {"Cache-Control": "no-cache"}):
                self.ask(EVERYTHING, {**headers, **fresh}, accounts=accounts)
            self.ask(SENDING % world.NAMED_GROUP_ID, headers)
            self.request("GET", RESOURCE, headers)
            self.request("GET", "/metrics", headers)
            self.request("GET", f"/graphql?query={API_KEY}&{world.OWNER_NPSSO}", headers)
            # A name of an operation is told in the log, so a caller might put anything there.
            for name in (world.OWNER_NPSSO, headers.get("x-npsso", API_KEY.replace("-", "_"))):
                self.ask(f"query {name} {{ __typename }}", headers)
        for path in ("/readyz", "/livez", f"/{world.OWNER_NPSSO}"):
            self.request("GET", path, NOBODY)


@pytest.fixture
def talk(upstream: Sandbox, state: Path) -> Generator[Talk]:
    """The real server in front of the real sandbox."""
    keys = f"reader:{API_KEY}:read+write"
    given = upstream.environment(state, TROPHYCASE_API_KEYS=keys, TROPHYCASE_DEADLINE="4")
    with running("serve", given=given) as process:
        address = process.address
        with httpx.Client(base_url=address, timeout=SECONDS, trust_env=False) as http:
            yield Talk(process, http)


def test_nothing_that_is_said_anywhere_holds_a_credential(upstream: Sandbox, talk: Talk) -> None:
    talk.all_of_it()
    for fault in ({"status": 500, "body": "<html>"}, {"status": 401}, {"status": 200, "body": "x"}):
        upstream.reset()
        upstream.fail("com|org|so/|net", times=30, **fault)
        talk.all_of_it()
    said = talk.process.said()
    assert len(talk.heard) > 100
    assert len(talk.process.operations()) > 50
    for secret in HIDDEN:
        assert secret not in said
        assert not [text for text in talk.heard if secret in text]


def test_the_settings_do_not_show_what_is_secret_in_them(upstream: Sandbox, state: Path) -> None:
    settings = read(upstream.settings(state, *Source), sandbox=False)
    assert not [secret for secret in SECRETS if secret in repr(settings)]
