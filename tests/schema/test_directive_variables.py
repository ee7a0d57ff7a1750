"""Variables in directives are found wherever a directive can be."""

from graphql import parse

from schema.directive_variables import list_directive_variables


def test_variables_of_directives_are_listed_once() -> None:
    document = parse("""
      query ($a: Boolean!, $b: Boolean!, $c: Boolean!, $first: Int!) {
        viewer { ...F @skip(if: $a) ... @include(if: $b) { id } list(first: $first) { id } }
      }
      fragment F on User { id @skip(if: $c) name @include(if: $a) avatar @include(if: true) }
    """)

    assert list_directive_variables(document) == ("a", "b", "c")


def test_a_document_without_directives_has_none() -> None:
    assert list_directive_variables(parse("query ($a: Int) { list(first: $a) { id } }")) == ()
