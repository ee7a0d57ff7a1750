"""A gateway keeps nothing longer than this server, and nothing of one viewer for another."""

import re
from pathlib import Path

import pytest
from graphql import InterfaceTypeDefinitionNode, ObjectTypeDefinitionNode, parse, print_ast

from schema.graph import build_schema
from server.cost.annotations import annotate_subgraph
from server.cost.cache_hints import list_policies
from server.cost.cost_map import COST_MAP
from server.cost.pending_calls import CALLS_BY_FIELD
from tests.server.documents.document_folder import PUBLIC, request_document, run_with_documents

MAX_AGE = re.compile(r"@cacheControl\(maxAge: (\d+), scope: PRIVATE\)")
PRIVATE = "scope: PRIVATE"
ROOTS = {"Query", "Mutation", "Subscription"}
# Fields that repeat what a field above has loaded, and what is no query.
WITHOUT_HINTS = re.compile(
    r"\w+Edge\.node|Mutation\.\w+|Subscription\.\w+|\w*(Payload|Unlocked)\.\w+"
)
WITHOUT_VALUES = {"Query._entities", "Query.psnOperation", "PsnGroupMember.account"}


@pytest.fixture(scope="module")
def types() -> dict[str, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode]:
    """Return the annotated types of the subgraph by their names."""
    nodes = parse(annotate_subgraph(build_schema().sdl)).definitions
    kinds = (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode)
    return {node.name.value: node for node in nodes if isinstance(node, kinds)}


Types = dict[str, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode]


def find_max_age(types: Types, name: str) -> int | None:
    type_name, field_name = name.split(".")
    for field in types[type_name].fields or ():
        if field.name.value == field_name:
            found = MAX_AGE.search(" ".join(map(print_ast, field.directives or ())))
            return int(found[1]) if found else None
    raise AssertionError(name)


def test_every_field_that_makes_calls_says_how_long_its_values_are_fresh() -> None:
    names = {*COST_MAP, *CALLS_BY_FIELD} - WITHOUT_VALUES
    with_calls = {name for name in names if not WITHOUT_HINTS.fullmatch(name)}
    assert len(with_calls) > 100
    assert [name for name in sorted(with_calls) if not list_policies(name)] == []


def test_no_field_is_the_same_for_every_viewer_on_all_sources() -> None:
    # Its achievement and its title have types that are private elsewhere.
    for name in {*COST_MAP, *CALLS_BY_FIELD} - {"Query.achievementOfTheWeek"}:
        policies = list_policies(name)
        assert not policies or not all(policy.public for policy in policies), name


def test_the_objects_of_a_viewer_are_private_whatever_they_are_called(types: Types) -> None:
    hints = {
        name: " ".join(map(print_ast, node.directives or ()))
        for name, node in types.items()
        if name not in ROOTS
    }
    shared = {name for name, text in hints.items() if "@shareable" in text}
    assert {"User", "TrophyTitle", "PsnAccount", "Account", "Node"} <= set(hints) - shared
    assert [name for name in hints if PRIVATE not in hints[name]] == sorted(shared)
    assert all("@cacheControl(" in text for text in hints.values())


@pytest.mark.parametrize(
    "name",
    [
        "PsnAccount.messageGroups",
        "PsnMessageGroup.messages",
        "PsnAccount.presence",
        "PsnAccount.status",
        "TrophyTitleConnection.sources",
        "Query.sources",
        "Query.psnOperation",
    ],
)
def test_what_holds_for_a_moment_is_not_stored(types: Types, name: str) -> None:
    assert find_max_age(types, name) == 0


@pytest.mark.parametrize(
    ("field", "query"),
    [
        ("User.displayName", "{ viewer { displayName } }"),
        ("User.trophyTitles", "{ viewer { trophyTitles(first: 2) { totalCount } } }"),
        ("User.awards", "{ viewer { awards(first: 2) { totalCount } } }"),
        ("User.campaigns", "{ viewer { campaigns { name } } }"),
        ("SourceTotals.earned", "{ viewer { totals { earned } } }"),
        ("Query.trophyTitle", '{ trophyTitle(source: STEAM, nativeId: "400010") { name } }'),
        (
            "TrophyTitle.achievements",
            "{ viewer { trophyTitles(first: 1) { edges { node { achievements { name } } } } } }",
        ),
    ],
)
def test_a_gateway_keeps_nothing_longer_than_the_server(
    types: Types, tmp_path: Path, field: str, query: str
) -> None:
    """Compare with the header of a response whose values were all fetched just now."""
    with run_with_documents(tmp_path, {"it": query}, **PUBLIC) as server:
        answer = request_document(server, "it")
    assert answer.json()["data"]
    assert "errors" not in answer.json()
    fresh = re.search(r"max-age=(\d+)", answer.headers["cache-control"])
    assert fresh, answer.headers["cache-control"]
    hint = find_max_age(types, field)
    assert hint is not None
    assert 0 < hint <= int(fresh[1])
