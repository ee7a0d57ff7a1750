"""The state directory is where the system has such folders, or where earlier versions made it."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from server.settings import SettingError, read_settings
from server.state_path import find_state_directory

NATIVE = ("Library", "trophycase")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home directory on a system with a rule of its own for such folders."""
    monkeypatch.setenv("HOME", str(tmp_path))

    def find_directory(program: str, *, appauthor: bool) -> str:
        assert (program, appauthor) == ("trophycase", False)
        return str(tmp_path.joinpath(*NATIVE))

    monkeypatch.setitem(sys.modules, "platformdirs", SimpleNamespace(user_state_dir=find_directory))
    return tmp_path


def test_the_systems_own_folder_is_used(home: Path) -> None:
    assert find_state_directory({}) == home.joinpath(*NATIVE)


def test_what_an_earlier_version_stored_is_used_where_it_is(home: Path) -> None:
    usual = home / ".local" / "state" / "trophycase"
    usual.mkdir(parents=True)
    assert find_state_directory({}) == usual

    home.joinpath(*NATIVE).mkdir(parents=True)
    assert find_state_directory({}) == home.joinpath(*NATIVE)


def test_the_environment_names_the_folder_on_every_system(home: Path) -> None:
    environ = {"XDG_STATE_HOME": str(home / "state")}

    assert find_state_directory(environ) == home / "state" / "trophycase"


def test_a_system_without_a_rule_of_its_own_has_the_folder_of_the_standard(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "platformdirs", None)

    assert find_state_directory({}) == home / ".local" / "state" / "trophycase"


def test_a_setting_names_another_folder(home: Path) -> None:
    settings = read_settings({"TROPHYCASE_STATE_DIR": "~/other"}, sandbox=False)

    assert settings.state_dir == home / "other"


def test_without_a_home_directory_the_setting_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_none(_path: str) -> str:
        return "~"

    monkeypatch.setattr("os.path.expanduser", find_none)

    with pytest.raises(SettingError, match=r"^TROPHYCASE_STATE_DIR: required for a user"):
        read_settings({}, sandbox=False)
    assert read_settings({}, sandbox=True).state_dir == Path("/dev/null")
