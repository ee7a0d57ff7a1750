"""Assertions about input that the server rejects before any upstream call."""

from tests.harness import NO_CALLS, GraphQLResponse, RunningServer


def assert_rejected(server: RunningServer, answer: GraphQLResponse, argument: str) -> None:
    """Assert that the error names the argument, and that no upstream was called."""
    assert (answer.error["code"], answer.error["argument"]) == ("BAD_USER_INPUT", argument)
    assert answer.upstream_calls == NO_CALLS == server.count_upstream_calls()
