"""No query of an address is logged, since a source may take its key there."""

import logging

import httpx
import pytest

from providers.kit.log_redaction import hide_query_strings


def test_a_logged_address_has_no_query(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    hide_query_strings()
    url = httpx.URL("https://api.example/games?key=secret-key")

    logging.getLogger("httpx").info("%s %s", "GET", url)

    assert "https://api.example/games" in caplog.text
    assert "secret-key" not in caplog.text
