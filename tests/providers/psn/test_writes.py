"""Changes: sent once, done only if PSN confirms it, and never taken for done otherwise."""

import pytest

from providers.errors import (
    Forbidden,
    NotFound,
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    Unavailable,
)
from providers.kit.sandbox import InjectedFault
from providers.kit.upstream.upstream_client import UpstreamResponse
from providers.psn import errors
from providers.psn.client import PsnClient
from providers.psn.people.models import FriendshipResponse
from providers.psn.sandbox.app import PsnSandbox, create_sandbox
from providers.psn.writes import decode_confirmation, send_write
from tests.providers.psn.harness import JSON, count_calls, run_with_client

CALL = "PUT m.np.playstation.com/api/some/thing"


def send(sandbox: PsnSandbox, **options: str) -> UpstreamResponse:
    async def scenario(client: PsnClient) -> UpstreamResponse:
        api = client.cached_api.api
        url = f"{api.urls.mobile}/api/some/thing"
        rules = errors.ErrorRules(not_found_message="missing", private_message="not allowed")
        return await send_write(api, url, rules, method="PUT", content=b"x", **options)

    return run_with_client(scenario, sandbox, language="de-DE")


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (InjectedFault("some/thing", 403, {"error": {}}, JSON), Forbidden),
        (InjectedFault("some/thing", 404, {"error": {}}, JSON), NotFound),
        (InjectedFault("some/thing", 429, {}, {"retry-after": "1"}), RateLimited),
        (InjectedFault("some/thing", 403, "<html>"), Unavailable),
        (InjectedFault("some/thing", 500, "<html>"), OutcomeUnknown),
        (InjectedFault("some/thing", 503, {}, JSON), OutcomeUnknown),
        (InjectedFault("some/thing", reset=True), OutcomeUnknown),
    ],
)
def test_a_refusal_is_certain_and_a_failure_is_not(
    fault: InjectedFault, kind: type[ProviderError]
) -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(fault)
    with pytest.raises(kind):
        send(sandbox)
    assert count_calls(sandbox) == {CALL: 1}


def test_a_write_has_a_language_and_its_content_type() -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(InjectedFault("some/thing", 200, {}, JSON))
    send(sandbox, content_type="image/png")
    headers = sandbox.log[-1].headers
    assert (headers["accept-language"], headers["content-type"]) == ("de-DE", "image/png")


def test_a_confirmation_that_cannot_be_read_leaves_the_outcome_unknown() -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(InjectedFault("some/thing", 200, b"{", JSON))
    with pytest.raises(OutcomeUnknown):
        decode_confirmation(send(sandbox), FriendshipResponse)
