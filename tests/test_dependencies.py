"""What is installed: known, hashed, and above what has been reported broken."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import hatchling.build
import pytest

ROOT = Path(__file__).parent.parent
LOCK: dict[str, Any] = tomllib.loads((ROOT / "uv.lock").read_text())
PACKAGES: dict[str, Any] = {package["name"]: package for package in LOCK["package"]}
OWN_PACKAGE = "trophycase"

# The lowest version without a reported hole: CVE-2026-35523, 35526, 47706, 47707 and 107727 in
# Strawberry, CVE-2026-48710 and 62727 in Starlette.
MINIMUM_VERSIONS = {"strawberry-graphql": (0, 327, 2), "starlette": (1, 0, 1)}

REQUIREMENT_FILES = ("requirements.txt", "requirements-dev.txt")
# Stands for python and for uv: it writes down how it was called, and makes what `venv` would.
RECORDER = """#!/bin/sh
echo "${0##*/} $*" >> "$LOG"
case "$*" in *"venv .venv") ln -s "$0" .venv/bin/python;; esac
"""

# Those whose private names are used.
PACKAGES_WITH_PRIVATE_USE = ("graphql-core", "strawberry-graphql", "uvicorn")


def get_locked_version(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in PACKAGES[name]["version"].split("."))


@pytest.mark.parametrize("name", MINIMUM_VERSIONS)
def test_no_version_with_a_known_vulnerability_is_locked(name: str) -> None:
    assert get_locked_version(name) >= MINIMUM_VERSIONS[name]


@pytest.mark.parametrize("name", PACKAGES_WITH_PRIVATE_USE)
def test_packages_with_private_use_have_an_upper_bound(name: str) -> None:
    requirements = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    (specifier,) = (each.removeprefix(name) for each in requirements if each.startswith(name))
    assert specifier.startswith("==") or "<" in specifier


def test_everything_that_is_locked_has_a_hash() -> None:
    files = [
        file
        for name, package in PACKAGES.items()
        if name != OWN_PACKAGE
        for file in [*package.get("wheels", []), package.get("sdist", {"hash": "sha256:"})]
    ]
    assert files
    assert {file["hash"].partition(":")[0] for file in files} == {"sha256"}


@pytest.mark.parametrize("name", REQUIREMENT_FILES)
def test_pip_installs_what_is_locked(name: str) -> None:
    pinned = read_requirements(name)
    assert pinned
    assert {each: PACKAGES[each]["version"] for each in pinned} == {
        each: version for each, (version, _) in pinned.items()
    }


@pytest.mark.parametrize("name", REQUIREMENT_FILES)
def test_pip_accepts_only_the_files_that_are_locked(name: str) -> None:
    """Holds that each requirement has its hashes, and no others than those of the lock."""
    for package, (_, hashes) in read_requirements(name).items():
        files = [*PACKAGES[package].get("wheels", []), PACKAGES[package].get("sdist", {})]
        assert hashes
        assert hashes <= {file.get("hash") for file in files}


def test_what_builds_the_project_is_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Holds that a build needs nothing that is not among the requirements with hashes."""
    monkeypatch.chdir(ROOT)
    requires = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    needed = [*requires, *hatchling.build.get_requires_for_build_editable()]
    names = {re.split(r"[^\w-]", each)[0] for each in needed}
    assert "hatchling" in names
    for file in REQUIREMENT_FILES:
        assert names <= set(read_requirements(file))


def test_the_project_is_built_by_what_is_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Holds that an installation builds without fetching anything: no test has a network."""
    monkeypatch.chdir(ROOT)
    wheel = hatchling.build.build_editable(str(tmp_path))
    assert (tmp_path / wheel).stat().st_size


@pytest.mark.parametrize("target", [".venv/test", ".venv/dev"])
@pytest.mark.parametrize("has_uv", [True, False])
def test_make_fetches_nothing_without_a_hash(tmp_path: Path, target: str, *, has_uv: bool) -> None:
    """Holds that each command of an installation fetches wheels of known hashes, or nothing."""
    commands = record_installation(tmp_path, target, has_uv=has_uv)

    fetching, building = commands[-2:]
    if has_uv:
        assert fetching.startswith("uv sync ")
        assert {"--frozen", "--no-build", "--no-install-project"} <= set(fetching.split())
        assert {"--offline", "--no-deps", "--no-build-isolation"} <= set(building.split())
        assert len(commands) == 2
    else:
        assert "--require-hashes --only-binary :all: --requirement requirements" in fetching
        assert {"--no-index", "--no-deps", "--no-build-isolation"} <= set(building.split())
        assert commands[:-2] == ["python -m venv .venv"]


def record_installation(folder: Path, target: str, *, has_uv: bool) -> list[str]:
    """Return the commands that `make` runs for a target, none of which does anything here."""
    for name in ("Makefile", "pyproject.toml", "uv.lock", *REQUIREMENT_FILES):
        shutil.copy(ROOT / name, folder)
    programs, log = folder / "programs", folder / "log"
    (folder / ".venv" / "bin").mkdir(parents=True)
    programs.mkdir()
    for name in ("ln", "make", "sh", "touch"):
        (programs / name).symlink_to(shutil.which(name) or "")
    for path in [programs / "python"] + [programs / "uv"] * has_uv:
        path.write_text(RECORDER)
        path.chmod(0o755)
    environment = {"PATH": str(programs), "LOG": str(log), "HOME": os.devnull}
    subprocess.run(  # noqa: S603
        [programs / "make", target, f"PYTHON={programs / 'python'}"],
        cwd=folder,
        env=environment,
        capture_output=True,
        check=True,
    )
    return log.read_text().splitlines()


def read_requirements(name: str) -> dict[str, tuple[str, set[str]]]:
    """Return the version and the hashes of each package in a file for pip."""
    text = (ROOT / name).read_text().replace("\\\n", "")
    lines = [line for line in text.splitlines() if line[:1] not in ("", "#", " ")]
    found = [re.match(r"([\w.-]+)(?:\[[\w,]+\])?==([^ ;]+)", line) for line in lines]
    assert all(found)
    return {
        match[1]: (match[2], set(re.findall(r"--hash=(sha256:\w{64})", line)))
        for line, match in zip(lines, found, strict=True)
        if match
    }
