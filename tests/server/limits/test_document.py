"""Documents over a limit are rejected while they are parsed, at little cost."""

import pytest
from graphql import GraphQLSyntaxError

from server.limits.document import MAX_BYTES, parse_document
from server.limits.limit_exceeded import LimitExceeded
from tests.server.operation_checks import assert_quick


def test_a_document_of_sixty_kilobytes_is_parsed() -> None:
    text = "{ viewer { id } }"
    assert parse_document(text + "," * (MAX_BYTES - len(text))).definitions


def test_bytes_are_counted_and_not_characters() -> None:
    with pytest.raises(LimitExceeded, match=r"^Bytes of the document: 60,0\d\d; the limit"):
        parse_document('{ user(accounts: "' + "é" * 30_000 + '") { id } }')


def test_a_hundred_kilobytes_are_rejected_with_size_and_limit() -> None:
    with assert_quick(), pytest.raises(LimitExceeded) as refused:
        parse_document("{" + "a " * 50_000 + "}")
    assert (refused.value.estimate, refused.value.limit) == (100_002, 60_000)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{" + "a " * 3_998 + "b}", "Tokens"),
        ("{" + " ".join(f"a{number}:b" for number in range(10_000 // 2)) + "}", "Tokens"),
        ("#\n" * 201 + "{a}", "Comments"),
        ("{a" * 300 + "}" * 300, "Levels"),
        ("{a(b:" + "[" * 1_000 + "]" * 1_000 + ")}", "Levels"),
        ("{a(b:" + "{c:" * 1_000 + "1" + "}" * 1_000 + ")}", "Levels"),
        ("query($a:" + "[" * 1_000 + "Int" + "]" * 1_000 + "){a}", "Levels"),
        ("{" + "a " * 300 + "}", "Repeated fields"),
        ("{" + "...{a} " * 300 + "}", "Fragment spreads"),
        ("{" + "...F " * 300 + "} fragment F on Query {a}", "Fragment spreads"),
        ("{a(b:[" + "1 " * 1001 + "])}", "Items of a list"),
        ("{a(b:{c:[[1] [" + "1 " * 1001 + "]]})}", "Items of a list"),
        ("query($a:[Int]=[" + "1 " * 1001 + "]){a}", "Items of a list"),
        ("{a @b(c:[" + "1 " * 1001 + "])}", "Items of a list"),
        ("{a(b:[" + "PSN " * 11 + "])}", "Names in a list"),
    ],
)
def test_each_limit_alone_rejects_a_document(text: str, what: str) -> None:
    with assert_quick(), pytest.raises(LimitExceeded, match=f"^{what}"):
        parse_document(text)


def test_a_hundred_items_and_ten_names_are_parsed() -> None:
    assert parse_document("{a(b:[" + "1 " * 100 + "] c:[" + "PSN " * 10 + "])}").definitions


def test_ten_thousand_aliases_are_rejected() -> None:
    with assert_quick(), pytest.raises(LimitExceeded):
        parse_document("{" + " ".join(f"a{number}:viewer{{id}}" for number in range(10_000)) + "}")


def test_an_incomplete_document_stays_a_syntax_error() -> None:
    with pytest.raises(GraphQLSyntaxError):
        parse_document("{ viewer { ")


def test_a_lone_surrogate_is_a_syntax_error() -> None:
    with pytest.raises(GraphQLSyntaxError):
        parse_document("{ \ud800 }")
