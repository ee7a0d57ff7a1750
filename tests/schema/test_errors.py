"""Errors in responses: expected ones with code and details, bugs masked."""

import logging

import pytest
from graphql import GraphQLError, GraphQLSyntaxError, Source, parse

from providers.errors import BadInput, RateLimited, TooCostly
from schema.errors import MAX_MESSAGE_LENGTH, format_error


def wrap(cause: Exception) -> GraphQLError:
    return GraphQLError(str(cause), path=["user"], original_error=cause)


def test_an_expected_error_has_its_code_and_details() -> None:
    error = RateLimited("The source asks to wait.", source="PSN", retry_after=30)

    assert format_error(wrap(error), "r1") == {
        "message": "The source asks to wait.",
        "path": ["user"],
        "extensions": {"code": "UPSTREAM_RATE_LIMITED", "source": "PSN", "retryAfter": 30},
    }


def test_an_input_error_names_the_argument() -> None:
    formatted = format_error(wrap(BadInput("first: must be small.", argument="first")), "r1")

    assert formatted["extensions"] == {"code": "BAD_USER_INPUT", "argument": "first"}


def test_the_cause_is_found_through_several_layers() -> None:
    error = wrap(wrap(BadInput("first: must be small.", argument="first")))

    assert format_error(error, "r1")["extensions"]["code"] == "BAD_USER_INPUT"


def test_a_bug_is_masked_and_logged_without_its_values(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise ValueError("secret value")  # noqa: TRY301 - for its traceback
    except ValueError as bug:
        with caplog.at_level(logging.ERROR):
            formatted = format_error(wrap(bug), "r1")

    assert formatted["extensions"] == {"code": "INTERNAL_SERVER_ERROR", "requestId": "r1"}
    assert "secret" not in str(formatted)
    assert "secret" not in caplog.text
    assert "ValueError" in caplog.text
    assert "r1" in caplog.text
    assert "test_errors.py" in caplog.text


def test_a_long_message_is_cut() -> None:
    formatted = format_error(GraphQLError("x" * 1_000), "r1")

    assert formatted["message"] == "x" * MAX_MESSAGE_LENGTH


def test_an_error_of_the_document_has_the_code_of_its_phase() -> None:
    with pytest.raises(GraphQLSyntaxError) as raised:
        parse(Source("{"))

    assert format_error(raised.value, "r1")["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"
    invalid = GraphQLError("no such field")
    assert format_error(invalid, "r1")["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    coercion = GraphQLError("not an Int", path=["user"])
    assert format_error(coercion, "r1")["extensions"]["code"] == "BAD_USER_INPUT"


def test_a_limit_has_its_numbers() -> None:
    error = TooCostly("Too many.")
    error.estimate, error.limit = 12, 10

    extensions = format_error(wrap(error), "r1")["extensions"]

    assert (extensions["estimate"], extensions["limit"]) == (12, 10)
