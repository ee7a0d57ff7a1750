"""No response, log line, error, metric or command line contains a credential."""

from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from providers.psn.sandbox import constants
from providers.registry import Source
from server.observability.redaction import collect_credentials, collect_secrets, redact
from server.settings import read_settings
from tests.server.caller_headers import (
    NO_CREDENTIALS,
    SECOND,
    SECOND_ON_PSN,
    SECRETS,
    Headers,
    make_bearer_headers,
)
from tests.server.command_process import SandboxProcess
from tests.server.runtime.server_process import TIMEOUT_SECONDS, Process, start_process

pytestmark = pytest.mark.slow

API_KEY, REJECTED_NPSSO, WRONG_KEY = "key-of-the-reader", "R" * 64, "key-unknown"
WRONG_CREDENTIALS: Headers = {
    **SECOND_ON_PSN,
    "x-npsso": REJECTED_NPSSO,
    "x-retroachievements-username": "SecondSam",
    "x-retroachievements-api-key": "retro-wrong-key",
}
HIDDEN_VALUES = (
    *SECRETS,
    API_KEY,
    REJECTED_NPSSO,
    WRONG_KEY,
    "retro-wrong-key",
    *(quote(secret, safe="") for secret in SECRETS),
)
EVERYTHING_QUERY = """
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
SEND_MUTATION = """
mutation {
  sendPsnMessage(input: { groupId: "%s", body: "hello" }) { messageUid createdAt threadId }
}"""
RESOURCE_PATH = f"/psn/groups/{constants.DIRECT_GROUP_ID}/resources/{constants.IMAGE_RESOURCE_ID}"


@dataclass
class ResponseRecorder:
    """A running server, and all of its responses."""

    process: Process
    http: httpx.Client
    responses: list[str] = field(default_factory=list[str])

    def execute(self, query: str, headers: Headers, **variables: Any) -> None:
        """Send an operation."""
        self.request("POST", "/graphql", headers, {"query": query, "variables": variables})

    def request(self, method: str, path: str, headers: Headers, content: Any = None) -> None:
        """Send any request."""
        response = self.http.request(method, path, headers=dict(headers), json=content)
        assert response.status_code != 500
        assert "INTERNAL_SERVER_ERROR" not in response.text
        self.responses.append(f"{response.headers} {response.text}")

    def send_everything(self) -> None:
        """Send each kind of request as each kind of caller."""
        accounts = [
            {"source": "PSN", "handle": constants.OWNER_ACCOUNT_ID},
            {"source": "RETRO_ACHIEVEMENTS", "handle": "VegaNorth"},
            {"source": "TROPHY_SO", "handle": "vega"},
        ]
        for headers in (
            make_bearer_headers(API_KEY),
            SECOND,
            WRONG_CREDENTIALS,
            NO_CREDENTIALS,
            make_bearer_headers(WRONG_KEY),
        ):
            for fresh in ({}, {"Cache-Control": "no-cache"}):
                self.execute(EVERYTHING_QUERY, {**headers, **fresh}, accounts=accounts)
            self.execute(SEND_MUTATION % constants.NAMED_GROUP_ID, headers)
            self.request("GET", RESOURCE_PATH, headers)
            self.request("GET", "/metrics", headers)
            self.request("GET", f"/graphql?query={API_KEY}&{constants.OWNER_NPSSO}", headers)
            # The log shows the operation's name, for which a caller may use any text.
            for name in (constants.OWNER_NPSSO, headers.get("x-npsso", API_KEY.replace("-", "_"))):
                self.execute(f"query {name} {{ __typename }}", headers)
        for path in ("/readyz", "/livez", f"/{constants.OWNER_NPSSO}"):
            self.request("GET", path, NO_CREDENTIALS)


@pytest.fixture
def recorder(upstream: SandboxProcess, state: Path) -> Generator[ResponseRecorder]:
    """Start a server that calls the sandbox over a socket."""
    keys = f"reader:{API_KEY}:read+write"
    given = upstream.build_environment(state, TROPHYCASE_API_KEYS=keys, TROPHYCASE_DEADLINE="4")
    with start_process("serve", env=given) as process:
        address = process.address
        with httpx.Client(base_url=address, timeout=TIMEOUT_SECONDS, trust_env=False) as http:
            yield ResponseRecorder(process, http)


def test_no_response_log_or_command_line_holds_a_credential(
    upstream: SandboxProcess, recorder: ResponseRecorder
) -> None:
    recorder.send_everything()
    for fault in ({"status": 500, "body": "<html>"}, {"status": 401}, {"status": 200, "body": "x"}):
        upstream.reset()
        upstream.inject_fault("com|org|so/|net", times=30, **fault)
        recorder.send_everything()
    output = recorder.process.read_all_output()
    assert len(recorder.responses) > 100
    assert len(recorder.process.list_operation_lines()) > 50
    for secret in HIDDEN_VALUES:
        assert secret not in output
        assert not [text for text in recorder.responses if secret in text]


def test_what_is_used_of_a_pasted_credential_is_redacted() -> None:
    npsso, key = constants.OWNER_NPSSO, "short-key"
    given = {"PSN_NPSSO": f'{{"npsso": "{npsso}"}}', "TROPHY_SO_API_KEY": f'"{key}"'}
    headers = {"x-npsso": f"'{npsso}'", "x-trophy-so-api-key": f' "{key}"'}

    for secrets in (
        collect_secrets(read_settings(given, sandbox=False)),
        collect_credentials(headers),
    ):
        redacted = redact(f"npsso={npsso}&key={key}", secrets)
        assert npsso not in redacted
        assert key not in redacted


def test_the_repr_of_settings_holds_no_secret(upstream: SandboxProcess, state: Path) -> None:
    settings = read_settings(upstream.build_settings(state, *Source), sandbox=False)
    assert not [secret for secret in SECRETS if secret in repr(settings)]
