"""The subgraph's SDL says what its fields cost, how long its lists are, and what writes."""

import re

import pytest
from graphql import parse, strip_ignored_characters

from schema.graph import build_schema
from server.cost.annotations import annotate_subgraph
from server.cost.cache_hints import DEFINITIONS
from server.cost.cost_map import COST_MAP
from server.cost.list_sizes import LIST_SIZES

ADDED = re.compile(r' @(?:cacheControl|cost|listSize|tag)\((?:[^()"]|"[^"]*")*\)')


@pytest.fixture(scope="module")
def annotated_sdl() -> str:
    return annotate_subgraph(build_schema().sdl)


def find_field(sdl: str, name: str) -> str:
    """Return the line on which the definition of a field ends."""
    type_name, field_name = name.split(".")
    body = sdl[re.search(rf"^type {type_name}\b", sdl, re.MULTILINE).start() :]  # pyright: ignore[reportOptionalMemberAccess] - it is there
    field = re.search(rf"^  {field_name}\b(\(.*?^  \))?[^\n]*", body, re.MULTILINE | re.DOTALL)
    assert field
    return field.group().splitlines()[-1]


def test_nothing_but_directives_is_added(annotated_sdl: str) -> None:
    plain = build_schema().sdl
    body, _, end = annotated_sdl.partition("\n")[2].partition(DEFINITIONS)
    assert ADDED.sub("", body).rstrip() == plain.partition("\n")[2].rstrip()
    assert end == ""
    assert parse(annotated_sdl)
    assert len(strip_ignored_characters(annotated_sdl)) > len(strip_ignored_characters(plain))


def test_the_first_line_imports_what_is_used(annotated_sdl: str) -> None:
    line = annotated_sdl.partition("\n")[0]
    assert "federation/v2.9" in line
    assert '["@composeDirective", "@cost", "@key", "@listSize", "@shareable", "@tag"]' in line
    assert line.count("@link(") == 2
    assert '@composeDirective(name: "@cacheControl")' in line


@pytest.mark.parametrize(
    ("name", "directives"),
    [
        ("User.trophyTitles", '@cost(weight: 1) @listSize(slicingArguments: ["first"]'),
        ("User.displayName", "@cacheControl(maxAge: 300, scope: PRIVATE)"),
        ("TrophyTitle.achievements", "@cost(weight: 1) @listSize(assumedSize: 40)"),
        ("Achievement.hidden", ""),
        ("PsnAccount.presence", "@cacheControl(maxAge: 0, scope: PRIVATE) @cost(weight: 1)"),
        ("Mutation.sendPsnMessage", '@cost(weight: 2) @tag(name: "write")'),
    ],
)
def test_a_field_has_its_directives(annotated_sdl: str, name: str, directives: str) -> None:
    line = find_field(annotated_sdl, name)
    assert directives in line
    assert bool(ADDED.search(line)) == bool(directives)


def test_what_has_calls_or_a_size_of_its_own_is_annotated(annotated_sdl: str) -> None:
    with_calls = [name for name, cost in COST_MAP.items() if cost.calls]
    assert len(with_calls) > 10
    for name in with_calls:
        assert "@cost(" in find_field(annotated_sdl, name), name
    for name in LIST_SIZES:
        assert "@listSize(" in find_field(annotated_sdl, name), name


def test_each_account_type_has_the_tag_of_its_source(annotated_sdl: str) -> None:
    heads = re.findall(r"^type \w+Account [^\n]*", annotated_sdl, re.MULTILINE)
    tagged = [re.findall(r'@tag\(name: "(\w+)"\)', head) for head in heads if "Plain" not in head]
    assert sorted(tag for tags in tagged for tag in tags) == [
        "psn",
        "retro_achievements",
        "steam",
        "trophy_so",
        "xbox",
    ]
