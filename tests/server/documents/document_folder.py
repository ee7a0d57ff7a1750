"""A folder with an operator's documents, and requests for them."""

import hashlib
import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from tests.harness import RunningServer, run_server

KEY_HEADERS = {"Authorization": "Bearer key-of-the-reader"}
PUBLIC = {"TROPHYCASE_DOCUMENTS_PUBLIC": "on"}
KEYS = "reader:key-of-the-reader:read"
TITLES = """query Titles($first: Int!) {
  viewer { trophyTitles(first: $first, sources: [PSN]) { edges { node { name } } } }
}
"""
CHANGE = """mutation Leave($input: RemovePsnFriendInput!) {
  removePsnFriend(input: $input) { removed { id } }
}"""
SEASON = """query Season {
  user(accounts: [{source: RETRO_ACHIEVEMENTS, handle: "VegaNorth"}]) { displayName }
}"""


def hash_text(text: str) -> str:
    """Return the SHA-256 hash of a document."""
    return hashlib.sha256(text.encode()).hexdigest()


@contextmanager
def run_with_documents(
    folder: Path, texts: Mapping[str, str], **settings: str
) -> Generator[RunningServer]:
    """Write GraphQL files by their names, and run a server with them and with keys."""
    for name, text in texts.items():
        (folder / f"{name}.graphql").write_text(text, encoding="utf-8")
    own = {"TROPHYCASE_DOCUMENTS": str(folder), "TROPHYCASE_API_KEYS": KEYS}
    with run_server(sandbox=True, **own, **settings) as server:
        yield server


def request_document(
    server: RunningServer,
    name: str,
    variables: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    """Request a document by GET."""
    query = "" if variables is None else f"?variables={quote(json.dumps(variables))}"
    return server.request("GET", f"/graphql/{name}{query}", headers=headers)
