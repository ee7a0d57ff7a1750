"""Formatting and redaction of log records."""

import json
import logging
import sys
from typing import Any

import pytest

from server.observability.json_logging import JsonFormatter, RedactionFilter
from server.observability.redaction import add_encoded_forms, collect_secrets
from server.settings import read_settings

SECRET = "a/key with+everything"


def format_line(
    message: object, *arguments: object, name: str = "trophycase.test", **more: Any
) -> dict[str, Any]:
    record = logging.LogRecord(name, logging.INFO, "file", 1, message, arguments, None)
    vars(record).update(more)
    assert RedactionFilter(add_encoded_forms([SECRET])).filter(record)
    text = JsonFormatter().format(record)
    assert "\n" not in text
    assert text.isascii()
    return json.loads(text)


def raise_and_capture() -> Any:
    try:
        int(f"the key is {SECRET}")
    except ValueError:
        return sys.exc_info()


def test_a_line_has_time_level_logger_and_message() -> None:
    members = format_line("said %s", "so")
    assert members["time"].endswith("+00:00")
    assert (members["level"], members["logger"], members["message"]) == (
        "info",
        "trophycase.test",
        "said so",
    )


def test_an_exception_is_logged_with_type_and_frames_without_its_message() -> None:
    members = format_line("unexpected", exc_info=raise_and_capture())
    assert members["exception"] == "ValueError"
    assert members["frames"][-1].endswith(" raise_and_capture")
    assert "the key" not in json.dumps(members)


def test_a_known_secret_is_redacted_in_every_form() -> None:
    for spelled in (SECRET, "a%2Fkey%20with%2Beverything", "a%2Fkey+with%2Beverything"):
        assert (
            format_line("asked %s", f"https://host/?y={spelled}")["message"]
            == "asked https://host/?y=***"
        )


def test_a_known_secret_is_redacted_in_the_fields() -> None:
    members = format_line("operation", fields={"operation": SECRET, "calls": {SECRET: [SECRET]}})
    assert (members["operation"], members["calls"]) == ("***", {"***": ["***"]})


@pytest.mark.parametrize("secret", ["it's one", 'a "word"', "back\\slash", "schlüssel", "a\u202eb"])
def test_a_secret_of_any_characters_is_redacted_in_the_fields(secret: str) -> None:
    record = logging.LogRecord("trophycase.test", logging.INFO, "file", 1, "said", (), None)
    vars(record).update(fields={"operation": f"'{secret}\"", "codes": [secret], "other": "\\"})

    assert RedactionFilter([secret]).filter(record)

    members = json.loads(JsonFormatter().format(record))
    assert (members["operation"], members["codes"]) == ("'***\"", ["***"])


def test_only_the_first_line_of_library_messages_is_logged() -> None:
    message = "Task exception was never retrieved\nfuture: <Task exception=ValueError('secret')>"
    assert format_line(message, name="asyncio")["message"] == "Task exception was never retrieved"


def test_control_and_bidirectional_characters_are_escaped() -> None:
    members = format_line("operation", fields={"operation": "\x1b[31m\n\u202e\ud800"})
    assert members["operation"] == "\x1b[31m\n\u202e\ud800"


def test_the_secrets_of_the_settings_include_basic_auth_pairs() -> None:
    given = {
        "TROPHYCASE_API_KEYS": "one:key-of-caller-one:read",
        "TROPHYCASE_CACHE_URL": "redis://user:word-of-redis@localhost/0",
        "RETROACHIEVEMENTS_API_KEY": "key-of-retro",
        "PSN_CLIENT_ID": "client",
        "PSN_CLIENT_SECRET": "secret-of-client",
    }
    found_secrets = collect_secrets(read_settings(given, sandbox=False))
    pair = "Y2xpZW50OnNlY3JldC1vZi1jbGllbnQ="
    for secret in ("key-of-caller-one", "word-of-redis", "key-of-retro", "secret-of-client", pair):
        assert secret in found_secrets
    assert "" not in found_secrets
