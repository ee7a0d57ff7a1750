"""Serves the graph with the added source, runs some queries, and prints the responses as JSON.

A process of its own, because the sources are read when the schema is imported.
"""

import json
import re
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import providers

IMPORT = "from tests.schema.added_source import Quiz\n"
LINE = "    QUIZ = Quiz()\n"


def add_source() -> None:
    """Load the registry with one import and one line more."""
    spec = find_spec("providers.registry")
    assert spec is not None
    assert spec.origin is not None
    text = Path(spec.origin).read_text(encoding="utf-8")
    *_, last_member = re.finditer(r"^    [A-Z_]+ = \w+\(\)\n", text, re.MULTILINE)
    text = IMPORT + text[: last_member.end()] + LINE + text[last_member.end() :]
    module = ModuleType("providers.registry")
    exec(compile(text, spec.origin, "exec"), vars(module))  # noqa: S102 - the module itself
    sys.modules["providers.registry"] = module
    setattr(providers, "registry", module)  # noqa: B010 - the package has no such name to check


def run_queries() -> dict[str, Any]:
    from schema.global_id import encode  # noqa: PLC0415 - after the source is added
    from tests.harness import run_server  # noqa: PLC0415

    node_query = "query ($id: ID!) { node(id: $id) { __typename id ... on Account { handle } } }"
    entity_query = """query ($keys: [_Any!]!) {
      _entities(representations: $keys) { ... on PlainAccount { id source displayName } } }"""
    with run_server() as server:

        def execute(query: str, **variables: Any) -> Any:
            return server.execute(query, variables).body

        viewer = execute(
            """{ viewer {
              accounts { __typename id source handle nativeId displayName status { state } }
              achievements(first: 100, sources: [QUIZ]) {
                edges { node { id source name earnedAt } } sources { source state }
              }
              timeline: achievements(first: 100) { edges { node { source } } }
              locked: achievements(first: 100, state: LOCKED, sources: [QUIZ]) {
                edges { node { name } }
              }
            } }"""
        )
        account = viewer["data"]["viewer"]["accounts"][-1]
        achievement = viewer["data"]["viewer"]["achievements"]["edges"][0]["node"]
        foreign_ids = [
            encode("PsnAccount", "QUIZ", "ada"),
            encode("TrophySoAccount", "QUIZ", "ada"),
            encode("PlainAccount", "PSN", "1000000000000000001"),
            encode("PlainAccount", "QUIZ", "not/a/name"),
        ]
        representation = {"__typename": "PlainAccount", "id": account["id"]}
        return {
            "viewer": viewer,
            "user": execute(
                "query ($accounts: [AccountInput!]!) { user(accounts: $accounts) "
                "{ accounts { __typename id handle status { state } } } }",
                accounts=[{"source": "QUIZ", "handle": "p7"}],
            ),
            "unknown": execute(
                '{ user(accounts: [{source: QUIZ, handle: "nobody"}]) '
                "{ accounts { displayName status { state } } } }"
            ),
            "node": execute(node_query, id=account["id"]),
            "achievement": execute(
                "query ($id: ID!) { node(id: $id) { ... on Achievement { id name } } }",
                id=achievement["id"],
            ),
            "foreign nodes": [execute(node_query, id=each) for each in foreign_ids],
            "entity": execute(entity_query, keys=[representation]),
            "foreign entities": [
                execute(entity_query, keys=[{"__typename": type_name, "id": node_id}])
                for type_name, node_id in (
                    ("PsnAccount", foreign_ids[0]),
                    ("PlainAccount", foreign_ids[2]),
                )
            ],
            "entity without an id": execute(
                entity_query, keys=[{"__typename": "PlainAccount", "handle": "ada"}]
            ),
            "sources": execute("{ sources { source status { state } budget { limit } } }"),
            "input": execute('{ __type(name: "AccountInput") { inputFields { description } } }'),
            "calls": server.count_upstream_calls(),
        }


if __name__ == "__main__":
    add_source()
    json.dump(run_queries(), sys.stdout)
