"""The context: accounts of the viewer, and the handles that upstream calls use."""

import asyncio

import pytest

from providers.errors import BadInput, CallerUnauthenticated
from providers.registry import Source
from resolvers.context import AccountRef, Owner, ResolverContext, Viewer
from resolvers.loaders import Loaders
from tests.harness import RunningServer

OWN_ACCOUNT = (AccountRef(Source.PSN, "me"),)


@pytest.mark.parametrize(
    ("owner", "handle"),
    [
        (Owner(Source.PSN, "sample_friend", "42"), "42"),
        (Owner(Source.PSN, "me", "42", is_own=True), "me"),
        (Owner(Source.PSN, "sample_friend"), "sample_friend"),
        (Owner(Source.PSN), ""),
    ],
)
def test_calls_use_the_account_id_except_for_the_own_account(owner: Owner, handle: str) -> None:
    assert owner.request_handle == handle


def make_context(server: RunningServer, accounts: tuple[AccountRef, ...]) -> ResolverContext:
    client = server.services[Source.PSN].get_operator_client()
    clients = {Source.PSN: client}
    return ResolverContext(Viewer(clients, accounts), Loaders(clients, {}))


def test_me_needs_a_credential_of_the_viewers_own(server: RunningServer) -> None:
    own, foreign = make_context(server, OWN_ACCOUNT), make_context(server, ())

    assert own.validate_account(Source.PSN, "me") == AccountRef(Source.PSN, "me")
    with pytest.raises(CallerUnauthenticated):
        foreign.validate_account(Source.PSN, "me")
    assert foreign.validate_account(Source.PSN, "sample_friend").handle == "sample_friend"


def test_an_invalid_handle_is_rejected(server: RunningServer) -> None:
    with pytest.raises(BadInput) as raised:
        make_context(server, OWN_ACCOUNT).validate_account(Source.PSN, "../me")

    assert raised.value.argument == "handle"


def test_without_an_own_credential_there_is_no_own_account_id() -> None:
    context = ResolverContext(Viewer({}), Loaders({}, {}))

    assert asyncio.run(context.get_own_account_id(Source.PSN)) is None
