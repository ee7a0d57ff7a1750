"""Whom a page is about, and whose rights it has."""

import pytest

from providers.errors import BadInput, CallerUnauthenticated, Forbidden
from providers.registry import Source
from resolvers.context import AccountRef
from server.request_error import RequestRejected
from tests.harness import run_server
from tests.server.pages.page_operations import (
    KEYS,
    PROFILES,
    PUBLIC,
    READER,
    make_request,
    make_services,
)


def test_a_request_chooses_nothing_but_the_name_of_a_profile() -> None:
    with run_server(sandbox=True, **KEYS, **PROFILES) as server:
        request = make_request(
            query="psn=vega_north&ra=VegaNorth", headers=READER, profile="second"
        )
        subject = make_services(server).find_profile_subject(request)

        assert subject.accounts == (
            AccountRef(Source.PSN, "second_player"),
            AccountRef(Source.RETRO_ACHIEVEMENTS, "SecondSam"),
        )
        viewer = subject.caller.viewer
        assert (viewer.is_public, viewer.is_profile, viewer.accounts) == (True, True, ())
        assert not any(viewer.can_write.values())


def test_an_unknown_profile_is_rejected() -> None:
    with run_server(sandbox=True, **PROFILES) as server, pytest.raises(RequestRejected) as caught:
        make_services(server).find_profile_subject(make_request(profile="nobody"))
    assert caught.value.status == 404


def test_the_query_names_accounts_for_a_caller_who_may_read_them() -> None:
    with run_server(sandbox=True, **KEYS) as server:
        services = make_services(server)
        request = make_request(query="psn=second_player&steam=&xbox= A%20B", headers=PUBLIC)
        subject = services.find_caller_subject(request)

        assert subject.account_inputs == [
            {"source": "PSN", "handle": "second_player"},
            {"source": "XBOX", "handle": "A B"},
        ]
        assert subject.caller.name == "public"
        with pytest.raises(CallerUnauthenticated):
            services.find_caller_subject(make_request(query="psn=second_player"))
        with pytest.raises(BadInput):
            services.find_caller_subject(make_request(query="psn=a&psn=b", headers=READER))


def test_without_a_query_the_accounts_are_the_viewers() -> None:
    with run_server(sandbox=True, **KEYS) as server:
        services = make_services(server)
        subject = services.find_caller_subject(make_request(headers=READER))

        assert {each.source for each in subject.accounts} == set(Source)
        with pytest.raises(Forbidden):
            services.find_caller_subject(make_request(headers=PUBLIC))
