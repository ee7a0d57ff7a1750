"""The root of the repository is ours alone."""

import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
ALLOWED = {
    ".ci",
    ".editorconfig",
    ".gitignore",
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "SECURITY.md",
    "constraints.txt",
    "docs",
    "providers",
    "pyproject.toml",
    "requirements.txt",
    "resolvers",
    "schema",
    "server",
    "tests",
    "uv.lock",
}
FOREIGN = {"node_modules", "dist", "__pycache__", ".venv", ".env", ".hypothesis", ".pytest_cache"}
LARGEST = 1024 * 1024


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    return [Path(name) for name in listed.stdout.split("\0") if name]


def test_the_root_has_no_other_names() -> None:
    assert {path.parts[0] for path in tracked()} <= ALLOWED


def test_nothing_that_was_made_or_fetched_is_kept() -> None:
    assert [path for path in tracked() if FOREIGN & set(path.parts)] == []


def test_every_file_is_of_a_size_that_can_be_read() -> None:
    sizes = {
        path: (REPOSITORY / path).stat().st_size
        for path in tracked()
        if (REPOSITORY / path).is_file()
    }

    assert {path: size for path, size in sizes.items() if size > LARGEST} == {}


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {
        path.parent for path in tracked() if path.parts[0] == "tests" and path.suffix == ".py"
    }

    assert [
        str(each) for each in sorted(folders) if not (REPOSITORY / each / "__init__.py").exists()
    ] == []
