"""The secret of what leaves the process: which are accepted, and how one is drawn."""

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from providers.kit.shared.cache_secret import FILE_NAME, load_or_draw_secret, parse_secret

DRAWN = bytes(range(1, 33))
TEXT = base64.b64encode(DRAWN).decode()


@pytest.mark.parametrize("text", [TEXT, f" {TEXT}\n", f"{TEXT[:20]}\n{TEXT[20:]}"])
def test_base64_of_32_bytes_is_a_secret(text: str) -> None:
    assert parse_secret(text) == DRAWN


@pytest.mark.parametrize(
    "text",
    [
        base64.b64encode(DRAWN[:31]).decode(),
        "a password that a person chose, and that is long enough",
        f"{TEXT}?",
        TEXT.rstrip("="),
        "päßwörd" * 8,
        "",
    ],
)
def test_a_secret_that_is_short_or_no_base64_is_refused_without_being_shown(text: str) -> None:
    """Holds that no password, whose guesses a dump of Redis would verify, becomes the key."""
    with pytest.raises(ValueError, match=r"^must be base64 of 32 random bytes or more") as error:
        parse_secret(text)
    assert not text or text not in str(error.value)
    assert "\n" not in str(error.value)


def test_a_secret_is_drawn_once_for_all_processes_and_readable_by_its_owner_alone(
    tmp_path: Path,
) -> None:
    """Holds that processes that start at once agree, and that a restart finds the same."""
    folder = tmp_path / "state"
    with ThreadPoolExecutor(8) as threads:
        drawn = set(threads.map(load_or_draw_secret, [folder] * 16))
    assert drawn == {load_or_draw_secret(folder)}
    assert len(drawn.pop()) == 32
    assert stat.S_IMODE((folder / FILE_NAME).stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == [FILE_NAME]
    assert load_or_draw_secret(tmp_path / "other") != load_or_draw_secret(folder)


@pytest.mark.parametrize(
    ("content", "mode"), [(b"short", 0o600), (b"", 0o600), (TEXT.encode(), 0o666)]
)
def test_a_file_that_is_no_secret_or_that_others_can_write_is_refused(
    tmp_path: Path, content: bytes, mode: int
) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(content)
    path.chmod(mode)
    with pytest.raises(ValueError, match=FILE_NAME) as error:
        load_or_draw_secret(tmp_path)
    assert TEXT not in str(error.value)
    assert path.read_bytes() == content
