"""Files with settings are read letter by letter, and only where no other user has a say."""

import base64
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from providers.registry import Source
from server import setting_files
from server.settings import SERVER_SECRETS, SettingError, read_environment, read_settings

SECRET = "do-not-print-me"
API_KEYS = f"reader:{SECRET}-01:read"
SECRET_SETTINGS = sorted(SERVER_SECRETS.union(*(source.value.secrets for source in Source)))
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a file into an empty working directory."""
    monkeypatch.chdir(tmp_path)

    def write_file(text: str | bytes, name: str = ".env", mode: int = 0o600) -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        path.chmod(mode)
        return path

    return write_file


def get_refusal(read: Callable[[], object]) -> str:
    with pytest.raises(SettingError) as refused:
        read()
    message = str(refused.value)
    assert SECRET not in message
    assert "\n" not in message
    return message


@pytest.mark.parametrize("value", ["a${HOME}b", "$HOME", "${NO_SUCH_NAME:-x}", "a#b", "p\\n"])
def test_a_value_in_the_file_is_taken_letter_by_letter(write: Write, value: str) -> None:
    """Holds that nothing in a key is replaced by what the environment holds."""
    write(f"TROPHY_SO_API_KEY={value}\n")

    assert read_environment()["TROPHY_SO_API_KEY"] == value


@pytest.mark.parametrize("mode", [0o666, 0o622, 0o660, 0o602])
def test_a_file_that_others_can_write_is_refused_without_showing_it(
    write: Write, mode: int
) -> None:
    """Holds that no other user can choose the settings."""
    write(f"TROPHY_SO_API_KEY={SECRET}\n", mode=mode)

    assert get_refusal(read_environment) == ".env: must not be writable by others"


@pytest.mark.parametrize(("owner", "is_accepted"), [(0, True), (1, False)])
def test_a_file_of_another_user_is_refused_unless_that_is_root(
    write: Write, monkeypatch: pytest.MonkeyPatch, owner: int, *, is_accepted: bool
) -> None:
    """Holds that a file in a folder open to all, such as /tmp, is not taken for ours."""
    given = write("TROPHY_SO_API_KEY=ours\n").stat()
    fields = [owner if index == 4 else value for index, value in enumerate(given[:10])]

    def stat_as_given(_file: int) -> os.stat_result:
        return os.stat_result(fields)

    monkeypatch.setattr(os, "fstat", stat_as_given)
    monkeypatch.setattr(os, "geteuid", lambda: 2)

    if is_accepted:
        assert read_environment()["TROPHY_SO_API_KEY"] == "ours"
    else:
        assert (
            get_refusal(read_environment)
            == ".env: must belong to the user of this process, or to root"
        )


def test_a_missing_file_and_a_folder_of_its_name_hold_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_environment() == dict(os.environ)
    (tmp_path / ".env").mkdir()
    assert read_environment() == dict(os.environ)


@pytest.mark.parametrize("name", SECRET_SETTINGS)
def test_every_secret_can_be_in_a_file(write: Write, name: str) -> None:
    """Holds that a container platform's mounted secrets can be used for each of them."""
    values = {
        "TROPHYCASE_API_KEYS": API_KEYS,
        "TROPHYCASE_CACHE_SECRET": base64.b64encode(bytes(32)).decode(),
        "TROPHYCASE_CACHE_URL": f"redis://:{SECRET}@host",
        "TROPHYCASE_WEBHOOKS": f"name=https://host/{SECRET}|discord",
    }
    value = values.get(name, SECRET)
    path = write(f"{value}\n", name="secret", mode=0o444)

    settings = read_settings({f"{name}_FILE": str(path)}, sandbox=False)

    assert settings == read_settings({name: value}, sandbox=False)


def test_keys_in_a_file_may_have_a_line_each(write: Write) -> None:
    path = write(f"{API_KEYS}\nwriter:{SECRET}-02:write\n", name="keys")

    settings = read_settings({"TROPHYCASE_API_KEYS_FILE": str(path)}, sandbox=True)

    assert [key.name for key in settings.api_keys] == ["reader", "writer"]


@pytest.mark.parametrize(
    ("content", "mode", "problem"),
    [
        (b"", 0o600, "must name a file with a secret of at most 64 KiB"),
        (b" \n", 0o600, "must name a file with a secret of at most 64 KiB"),
        (b"x" * (setting_files.MAX_SECRET_BYTES + 1), 0o600, "must name a file with a secret"),
        (SECRET.encode() + b"\xe9", 0o600, "must name a text file in UTF-8"),
        (SECRET.encode(), 0o666, "must not be writable by others"),
        (SECRET.encode(), 0o620, "must not be writable by others"),
    ],
)
def test_a_file_without_one_secret_is_refused(
    write: Write, content: bytes, mode: int, problem: str
) -> None:
    """Holds that an empty file never means a server without keys."""
    path = write(content, name="secret", mode=mode)

    for name in SECRET_SETTINGS:
        given = {f"{name}_FILE": str(path)}
        refusal = get_refusal(lambda given=given: read_settings(given, sandbox=False))
        assert refusal.startswith(f"{name}_FILE: {problem}")


def test_a_file_that_is_not_there_is_named_by_its_setting(tmp_path: Path) -> None:
    given = {"PSN_NPSSO_FILE": str(tmp_path / SECRET)}

    refusal = get_refusal(lambda: read_settings(given, sandbox=False))

    assert refusal == "PSN_NPSSO_FILE: No such file or directory"


def test_a_secret_is_not_given_twice(write: Write) -> None:
    given = {"PSN_NPSSO_FILE": str(write(SECRET, name="secret")), "PSN_NPSSO": SECRET}

    refusal = get_refusal(lambda: read_settings(given, sandbox=False))

    assert refusal == "PSN_NPSSO_FILE: must not be set together with PSN_NPSSO"


@pytest.mark.parametrize("in_file", ["PSN_NPSSO", "PSN_NPSSO_FILE"])
def test_either_name_in_the_environment_counts_more_than_the_other_in_the_file(
    write: Write, monkeypatch: pytest.MonkeyPatch, in_file: str
) -> None:
    write(f"{in_file}=from-the-file\n")
    (in_environment,) = {"PSN_NPSSO", "PSN_NPSSO_FILE"} - {in_file}
    monkeypatch.delenv(in_file, raising=False)
    monkeypatch.setenv(in_environment, "from-the-environment")

    found = read_environment()

    assert in_file not in found
    assert found[in_environment] == "from-the-environment"


def test_the_sandbox_reads_no_secret_of_a_source() -> None:
    given = {"PSN_NPSSO_FILE": "/nonexistent"}

    assert read_settings(given, sandbox=True) == read_settings({}, sandbox=True)
