"""The server's own address in responses; what proxies say of it is in test_proxy_headers."""

from server.public_url import get_public_url
from server.settings import read_settings
from tests.harness import BASE_URL, run_server
from tests.server.message_requests import fetch_resource_url

CONFIGURED_URL = "https://trophies.example/case/"


def test_a_configured_url_is_used_whatever_a_trusted_proxy_says() -> None:
    headers = {"X-Forwarded-Proto": "http", "X-Forwarded-Host": "graph.example.org"}
    with run_server(
        TROPHYCASE_PUBLIC_URL=CONFIGURED_URL, TROPHYCASE_TRUSTED_PROXIES="127.0.0.1"
    ) as server:
        url = fetch_resource_url(server, headers)
    assert url.startswith(CONFIGURED_URL + "psn/")


def test_the_host_header_is_never_used() -> None:
    with run_server(TROPHYCASE_API_KEYS="reader:key-of-the-reader:read") as server:
        headers = {"Authorization": "Bearer key-of-the-reader", "Host": "evil.example"}
        assert fetch_resource_url(server, headers).startswith(BASE_URL)


def test_without_a_setting_the_url_is_where_the_request_arrived() -> None:
    settings = read_settings({}, sandbox=True)
    for server, url in (
        (("127.0.0.1", 8000), "http://127.0.0.1:8000"),
        (("::1", 8000), "http://[::1]:8000"),
        (("graph.example.org", None), "http://graph.example.org"),
        (None, "http://127.0.0.1"),
    ):
        assert get_public_url(settings, {"scheme": "http", "server": server}) == url
