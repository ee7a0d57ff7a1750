"""How a record becomes a line."""

import json
import logging
import sys
from typing import Any

from server.observability.json_logging import Lines, Redaction
from server.observability.redaction import secrets_of, spellings
from server.settings import read

SECRET = "a/key with+everything"


def line(
    message: object, *arguments: object, name: str = "trophycase.test", **more: Any
) -> dict[str, Any]:
    record = logging.LogRecord(name, logging.INFO, "file", 1, message, arguments, None)
    vars(record).update(more)
    assert Redaction(spellings([SECRET])).filter(record)
    text = Lines().format(record)
    assert "\n" not in text
    assert text.isascii()
    return json.loads(text)


def raised() -> Any:
    try:
        int(f"the key is {SECRET}")
    except ValueError:
        return sys.exc_info()


def test_a_line_tells_when_how_bad_who_and_what() -> None:
    told = line("said %s", "so")
    assert told["time"].endswith("+00:00")
    assert (told["level"], told["logger"], told["message"]) == (
        "info",
        "trophycase.test",
        "said so",
    )


def test_an_exception_is_its_type_and_its_frames_and_not_its_words() -> None:
    told = line("unexpected", exc_info=raised())
    assert told["exception"] == "ValueError"
    assert told["frames"][-1].endswith(" raised")
    assert "the key" not in json.dumps(told)


def test_a_known_secret_is_hidden_in_every_spelling() -> None:
    for spelled in (SECRET, "a%2Fkey%20with%2Beverything", "a%2Fkey+with%2Beverything"):
        assert (
            line("asked %s", f"https://host/?y={spelled}")["message"] == "asked https://host/?y=***"
        )


def test_a_known_secret_is_hidden_in_the_members_of_a_line() -> None:
    told = line("operation", told={"operation": SECRET, "calls": {SECRET: [SECRET]}})
    assert (told["operation"], told["calls"]) == ("***", {"***": ["***"]})


def test_of_others_records_only_the_first_line_is_kept() -> None:
    asyncios = "Task exception was never retrieved\nfuture: <Task exception=ValueError('secret')>"
    assert line(asyncios, name="asyncio")["message"] == "Task exception was never retrieved"


def test_control_characters_and_what_turns_text_round_are_escaped() -> None:
    told = line("operation", told={"operation": "\x1b[31m\n\u202e\ud800"})
    assert told["operation"] == "\x1b[31m\n\u202e\ud800"


def test_the_settings_secrets_are_known_with_their_pairs() -> None:
    given = {
        "TROPHYCASE_API_KEYS": "one:key-of-one:read",
        "TROPHYCASE_CACHE_URL": "redis://user:word-of-redis@localhost/0",
        "RETROACHIEVEMENTS_API_KEY": "key-of-retro",
        "PSN_CLIENT_ID": "client",
        "PSN_CLIENT_SECRET": "secret-of-client",
    }
    known = secrets_of(read(given, sandbox=False))
    pair = "Y2xpZW50OnNlY3JldC1vZi1jbGllbnQ="
    for secret in ("key-of-one", "word-of-redis", "key-of-retro", "secret-of-client", pair):
        assert secret in known
    assert "" not in known
