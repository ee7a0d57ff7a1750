"""The HTTP status of each error."""

import pytest

from providers import errors
from providers.errors import BadInput, ProviderError
from server.request_error import RequestRejected, get_error_status


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BadInput("Invalid.", argument="first"), 400),
        (errors.CallerUnauthenticated("No key."), 401),
        (errors.Forbidden("No scope."), 403),
        (errors.NotFound("No title."), 404),
        (errors.Private("Private."), 404),
        (errors.NotConfigured("No source."), 404),
        (errors.RateLimited("Wait."), 503),
        (errors.Unavailable("Down."), 502),
        (errors.Unauthenticated("The operator's sign-in has expired."), 502),
        (errors.OutcomeUnknown("Unknown."), 502),
    ],
)
def test_each_error_has_its_status(error: ProviderError, status: int) -> None:
    assert get_error_status(error) == status


def test_a_rejection_has_the_errors_extensions() -> None:
    error = errors.RateLimited("Wait.", source="PSN", retry_after=7)
    rejection = RequestRejected.from_error(error)
    assert (rejection.status, rejection.message) == (503, "Wait.")
    assert rejection.extensions == {
        "code": "UPSTREAM_RATE_LIMITED",
        "source": "PSN",
        "retryAfter": 7,
    }
    assert RequestRejected.from_error(error, 200).status == 200
    assert RequestRejected.from_error(rejection) is rejection


def test_only_an_unauthenticated_request_is_asked_for_a_key() -> None:
    assert RequestRejected(401, "No key.").headers == {"WWW-Authenticate": "Bearer"}
    assert RequestRejected(403, "No scope.").headers == {}
