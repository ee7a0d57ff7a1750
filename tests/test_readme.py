"""The README shows real responses and describes every setting."""

import json
import re
from pathlib import Path

import pytest

from providers.registry import Source
from server.settings import SERVER_SECRETS, read_settings
from tests.harness import run_server

README = (Path(__file__).parent.parent / "README.md").read_text()
DOCUMENTED_SETTINGS = set(re.findall(r"TROPHYCASE_[A-Z_]+", README))


@pytest.mark.slow
def test_the_first_query_has_the_shown_response() -> None:
    query = re.search(r'"query":\s+"(.+?)"\}', README)
    answer = re.search(r"```json\n(.+?)```", README, re.DOTALL)
    assert query is not None
    assert answer is not None
    with run_server() as server:
        assert server.execute(query.group(1)).body == json.loads(answer.group(1))


def test_every_setting_of_every_source_is_described() -> None:
    names = {name for source in Source for name in source.value.settings}
    assert {name for name in names if f"`{name}`" not in README} == set()


def test_every_setting_that_is_read_is_described() -> None:
    code = (Path(__file__).parent.parent / "server" / "settings.py").read_text()
    assert set(re.findall(r"TROPHYCASE_[A-Z_]+", code)) == DOCUMENTED_SETTINGS


def test_every_setting_that_is_described_is_accepted() -> None:
    """Holds that none of them is taken for a mistyped one."""
    names = DOCUMENTED_SETTINGS | {f"{name}_FILE" for name in SERVER_SECRETS}

    assert read_settings(dict.fromkeys(names, ""), sandbox=True).sandbox


def test_every_secret_that_a_file_can_hold_is_listed() -> None:
    listed = re.search(r"^Secrets for which there is `NAME_FILE`: (.+)$", README, re.MULTILINE)
    assert listed is not None
    names = {name for source in Source for name in source.value.secrets} | SERVER_SECRETS
    assert set(re.findall(r"`(\w+)`", listed.group(1))) == names
