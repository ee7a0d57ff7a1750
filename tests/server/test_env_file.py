"""Settings are written into `.env` for this user alone, and read back as they are."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.env_file import set_values, write_settings
from server.setting_files import parse_env, read_env_file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def test_a_new_file_is_readable_by_this_user_alone(path: Path) -> None:
    write_settings(path, {"STEAM_ID": "vega", "STEAM_API_KEY": "0" * 32})

    assert path.read_text() == f"STEAM_ID=vega\nSTEAM_API_KEY={'0' * 32}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == [".env"]


def test_other_lines_stay_as_they_are(path: Path) -> None:
    path.write_text("# mine\nexport STEAM_ID=old\nOTHER='a b'\nSTEAM_ID=older\n")
    write_settings(path, {"STEAM_ID": "new"})

    assert path.read_text() == "# mine\nOTHER='a b'\nSTEAM_ID=new\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_a_value_is_read_back_as_it_is_or_refused(value: str) -> None:
    """Holds for quotes, backslashes, comments, references and line ends."""
    try:
        text = set_values("OTHER=1\n", {"NAME": value})
    except ValueError:
        return

    assert parse_env(text) == {"OTHER": "1", "NAME": value}


@pytest.mark.parametrize("value", ["$OTHER", "a#b", "it's", 'say "x"', "back\\slash", " blank "])
def test_usual_values_are_held(path: Path, value: str) -> None:
    write_settings(path, {"NAME": value})

    assert read_env_file(path) == {"NAME": value}


def test_a_file_that_others_can_write_is_refused(path: Path) -> None:
    path.write_text("A=1\n")
    path.chmod(0o666)

    with pytest.raises(ValueError, match="writable by others"):
        write_settings(path, {"NAME": "value"})
    assert path.read_text() == "A=1\n"
