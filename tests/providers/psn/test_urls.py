"""Base URLs from settings."""

from providers.psn.urls import BaseUrls


def test_base_urls_may_have_a_path_and_lose_a_trailing_slash() -> None:
    names = ("AUTH", "MOBILE", "WEB", "LEGACY", "DMS")
    settings = {f"PSN_{name}_URL": f"http://127.0.0.1:9/{name}/" for name in names}
    urls = BaseUrls.from_settings(settings)
    assert urls.auth == "http://127.0.0.1:9/AUTH"
    assert urls.trophies == "http://127.0.0.1:9/MOBILE/api/trophy/v1"
    assert urls.messages == "http://127.0.0.1:9/MOBILE/api/gamingLoungeGroups/v1"
