"""The combined rule reports what graphql-core reports with the rules one by one."""

import re

import pytest
from graphql import GraphQLSyntaxError, parse, validate
from graphql.validation import NoSchemaIntrospectionCustomRule, specified_rules
from hypothesis import given
from hypothesis import strategies as st

from schema.combined_rule import combine_rules
from schema.graph import build_schema

GRAPH = build_schema(with_node=True, introspection=True).graphql_schema
RULES = (*specified_rules, NoSchemaIntrospectionCustomRule)
COMBINED_RULE = combine_rules(RULES)

DOCUMENT = """
query Page($accounts: [AccountInput!]!, $first: Int! = 20, $all: Boolean! = true) {
  user(accounts: $accounts) {
    id ...Titles @include(if: $all)
    accounts { ... on PsnAccount { onlineId friends(first: 2) { totalCount } } }
  }
}
fragment Titles on User {
  trophyTitles(first: $first, sources: [PSN]) { edges { node { id name groups { name } } } }
}
"""
TOKENS = re.findall(r"\$?\w+|\.\.\.|[^\s\w]", DOCUMENT)
INVALID_DOCUMENTS = [
    "{ unknown }",
    "{ viewer }",
    "{ __schema { types { name } } }",
    "{ viewer { id { id } id(a: 1) } } { viewer { id } }",
    "fragment A on User { ...B } fragment B on User { ...A } { viewer { ...A ...C } }",
    "query ($a: Int, $a: User) { viewer { totals(sources: [NONE]) { titles @skip } } }",
    "type Extra { a: Int } { viewer { id @unknown } }",
    "{ viewer { awards(first: 1) { totalCount } awards(first: 2) { totalCount } } }",
]


def report(text: str, *, combined: bool) -> list[str]:
    rules = [COMBINED_RULE] if combined else RULES
    return [str(error) for error in validate(GRAPH, parse(text), rules)]


@pytest.mark.parametrize("text", INVALID_DOCUMENTS)
def test_an_invalid_document_has_the_same_errors(text: str) -> None:
    errors = report(text, combined=True)
    assert errors
    assert errors == report(text, combined=False)


def test_a_valid_document_has_no_errors() -> None:
    assert report(DOCUMENT, combined=True) == []


@pytest.mark.slow
@given(
    st.lists(
        st.tuples(st.integers(0, len(TOKENS) - 1), st.none() | st.sampled_from(TOKENS)),
        min_size=1,
        max_size=3,
    )
)
def test_a_changed_document_has_the_same_errors(changes: list[tuple[int, str | None]]) -> None:
    tokens = list(TOKENS)
    for place, token in changes:
        tokens[place] = token or ""
    text = " ".join(tokens)
    try:
        parse(text)
    except GraphQLSyntaxError:
        return
    assert report(text, combined=True) == report(text, combined=False)
