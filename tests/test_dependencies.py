"""What is installed: known, hashed, and above what has been reported broken."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
LOCK: dict[str, Any] = tomllib.loads((ROOT / "uv.lock").read_text())
PACKAGES: dict[str, Any] = {package["name"]: package for package in LOCK["package"]}
OWN_PACKAGE = "trophycase"

# The lowest version without a reported hole: CVE-2026-35523, 35526, 47706, 47707 and 107727 in
# Strawberry, CVE-2026-48710 and 62727 in Starlette.
MINIMUM_VERSIONS = {"strawberry-graphql": (0, 327, 2), "starlette": (1, 0, 1)}

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


def test_pip_installs_what_is_locked() -> None:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    pinned = dict(line.split(" ")[0].split("==") for line in lines if "==" in line)
    assert pinned
    assert {name: PACKAGES[name]["version"] for name in pinned} == pinned
