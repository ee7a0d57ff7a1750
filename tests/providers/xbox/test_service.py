"""The settings of the source, and whose key is used."""

import pytest

from providers.errors import CallerUnauthenticated
from providers.registry import Source
from server.settings import SettingError, read_settings
from tests.harness import run_server
from tests.providers.xbox.harness import OWNER_KEY, SAM, SAM_HEADERS, TITLES, get_nodes, query_user


def test_without_a_key_the_source_is_not_configured() -> None:
    query = """{ sources { source status { state } }
      user(accounts: [{ source: XBOX, handle: "me" }]) { displayName } }"""
    with run_server(sandbox=False) as server:
        response = server.execute(query)

    states = {each["source"]: each["status"]["state"] for each in response.body["data"]["sources"]}
    assert states["XBOX"] == "NOT_CONFIGURED"


@pytest.mark.parametrize("key", ["short", "with a blank in it 123456", "x" * 101, "é" * 36])
def test_a_malformed_key_is_refused_at_start_and_not_shown(key: str) -> None:
    with pytest.raises(Exception, match="XBOX_API_KEY") as caught:
        run_with_key(key)
    assert key not in str(caught.value)


def run_with_key(key: str) -> None:
    with run_server(sandbox=False, XBOX_API_KEY=key):
        pass


@pytest.mark.parametrize("url", ["http://xbl.io/api/v2", "ftp://xbl.io", "xbl.io"])
def test_an_address_without_encryption_is_refused(url: str) -> None:
    with pytest.raises(SettingError, match="XBOX_URL"):
        read_settings({"XBOX_URL": url}, sandbox=False)


def test_the_newer_origin_serves_as_well() -> None:
    settings = {"XBOX_URL": "https://api.xbl.io/v2/", "XBOX_API_KEY": OWNER_KEY}
    with run_server(sandbox=False, **settings) as server:
        found = query_user(server, TITLES, "me").data["user"]["trophyTitles"]
        hosts = {request.url.host for request in server.xbox.log}

    assert (len(get_nodes(found)), hosts) == (9, {"api.xbl.io"})


def test_a_rate_has_a_reserve_for_requests() -> None:
    with run_server(XBOX_RATE="150/3600") as server:
        assert server.services[Source.XBOX].rate.reserve == 20
    with run_server(XBOX_RATE="10/60") as server:
        assert server.services[Source.XBOX].rate.reserve == 5


def test_an_incomplete_credential_is_never_the_operators() -> None:
    with run_server() as server, pytest.raises(CallerUnauthenticated):
        server.services[Source.XBOX].create_caller_client({"x-xbox-api-key": ""})


def test_nothing_cached_crosses_from_one_key_to_another() -> None:
    hidden = "1700000006"  # Vega has hidden this title in their list
    with run_server() as server:
        own = query_user(server, TITLES, "Vega North").data["user"]["trophyTitles"]
        other = query_user(server, TITLES, "Vega North", **SAM_HEADERS).data["user"]["trophyTitles"]

    assert hidden in {node["nativeId"] for node in get_nodes(own)}
    assert hidden not in {node["nativeId"] for node in get_nodes(other)}


def test_a_public_key_does_not_show_the_operators_own_account() -> None:
    api_key = "a-key-of-sixteen-characters"
    with run_server(TROPHYCASE_API_KEYS=f"app:{api_key}:public") as server:
        headers = {"Authorization": f"Bearer {api_key}"}
        own = query_user(server, "displayName", "vega north", **headers)
        other = query_user(server, "displayName", SAM, **headers)
        disguised = [query_user(server, "displayName", each, **headers) for each in (" me", "me ")]

    assert own.error_codes == {"FORBIDDEN"}
    assert [each.error_codes for each in disguised] == [{"BAD_USER_INPUT"}] * 2
    assert other.data == {"user": {"displayName": "Second Sam"}}
