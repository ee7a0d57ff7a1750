"""On a terminal the log is text; elsewhere, and where a setting says so, it is JSON."""

import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from server.observability.json_logging import FIELDS
from server.observability.text_logging import TextFormatter
from tests.server.runtime.server_process import REPOSITORY, build_environment, start_process


def format_record(message: str, **fields: object) -> str:
    record = logging.LogRecord("trophycase.test", logging.WARNING, "", 0, message, (), None)
    setattr(record, FIELDS, fields)
    return TextFormatter().format(record)


def test_a_line_has_the_message_and_the_fields_that_say_something() -> None:
    line = format_record("operation", ms=1.5, client=None, codes=[], caller="", calls={"PSN": 3})

    assert line[8:] == ' warning operation ms=1.5 calls={"PSN":3}'


@pytest.mark.parametrize("text", ["\x1b[2J", "two\nlines", "é", "a b"])
def test_a_text_of_a_request_cannot_control_the_terminal(text: str) -> None:
    lines = (format_record("operation", name=text), format_record(text))

    for line in lines:
        assert line.isascii()
        assert line.isprintable()


def test_an_exception_is_its_type_and_where_it_was_raised() -> None:
    record = None
    try:
        int("a secret")
    except ValueError:
        record = logging.LogRecord("name", logging.ERROR, "", 0, "failed", (), sys.exc_info())
    assert record is not None
    first, *frames = TextFormatter().format(record).splitlines()

    assert first.rstrip().endswith("failed ValueError")
    assert "test_text_logging.py" in frames[0]
    assert "a secret" not in "".join(frames)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_setting_says_how_a_server_logs(form: str) -> None:
    with start_process("--sandbox", env=build_environment(TROPHYCASE_LOG=form)) as process:
        lines = process.errors.read_text().splitlines()

    assert lines
    assert all(line.startswith("{") == (form == "json") for line in lines)
    if form == "json":
        assert all(json.loads(line) for line in lines)


@pytest.mark.slow
def test_a_setting_says_which_levels_are_logged() -> None:
    with start_process("--sandbox", env=build_environment(TROPHYCASE_LOG_LEVEL="error")) as process:
        assert process.errors.read_text() == ""


@pytest.mark.slow
def test_a_terminal_shows_text(tmp_path: Path) -> None:
    terminal, stderr = os.openpty()
    environment = {**build_environment(), "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(
        [sys.executable, "-m", "server", "--sandbox", "--port", "0"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=stderr,
    ) as process:
        os.close(stderr)
        shown = os.read(terminal, 8)
        process.terminate()
    os.close(terminal)

    assert re.fullmatch(rb"\d\d:\d\d:\d\d", shown)
