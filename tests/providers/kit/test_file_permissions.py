"""Owner and mode say who may write a file, where the system has them."""

import os
from pathlib import Path

import pytest

from providers.kit import file_permissions
from providers.kit.file_permissions import ROOT_UID, is_own, is_run_by_root, is_writable_by_others


@pytest.fixture
def status(tmp_path: Path) -> os.stat_result:
    """The status of a file of this user that others can write."""
    path = tmp_path / "file"
    path.touch()
    path.chmod(0o666)
    return path.stat()


def test_a_file_that_others_can_write_is_told_apart(status: os.stat_result) -> None:
    assert is_writable_by_others(status)
    assert is_own(status)


def test_another_users_file_is_not_own(
    status: os.stat_result, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: status.st_uid + 1)

    assert not is_own(status)
    assert is_own(status, or_of_root=True) == (status.st_uid == ROOT_UID)
    assert not is_run_by_root()


def test_without_owners_every_file_is_own(
    status: os.stat_result, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_permissions, "HAS_OWNERS", False)

    assert is_own(status)
    assert not is_writable_by_others(status)
    assert not is_run_by_root()
