"""The repository contains no file that is generated, downloaded, large or out of place."""

import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
ALLOWED = {
    ".ci",
    ".editorconfig",
    ".github",
    ".gitignore",
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "SECURITY.md",
    "deploy",
    "docs",
    "providers",
    "pyproject.toml",
    "requirements.txt",
    "resolvers",
    "schema",
    "server",
    "tests",
    "trophycase.py",
    "uv.lock",
}
GENERATED_NAMES = {
    "node_modules",
    "dist",
    "__pycache__",
    ".venv",
    ".env",
    ".hypothesis",
    ".pytest_cache",
}
MAX_FILE_BYTES = 1024 * 1024


def list_tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    return [Path(name) for name in listed.stdout.split("\0") if name]


def test_the_root_has_no_other_names() -> None:
    assert {path.parts[0] for path in list_tracked_files()} <= ALLOWED


def test_no_generated_or_downloaded_file_is_committed() -> None:
    assert [path for path in list_tracked_files() if GENERATED_NAMES & set(path.parts)] == []


@pytest.mark.slow
def test_no_file_exceeds_the_size_limit() -> None:
    sizes = {
        path: (REPOSITORY / path).stat().st_size
        for path in list_tracked_files()
        if (REPOSITORY / path).is_file()
    }

    assert {path: size for path, size in sizes.items() if size > MAX_FILE_BYTES} == {}


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {
        path.parent
        for path in list_tracked_files()
        if path.parts[0] == "tests" and path.suffix == ".py"
    }

    assert [
        str(each) for each in sorted(folders) if not (REPOSITORY / each / "__init__.py").exists()
    ] == []
