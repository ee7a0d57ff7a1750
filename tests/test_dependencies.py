"""What is installed: known, hashed, and above what has been reported broken."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
LOCK: dict[str, Any] = tomllib.loads((ROOT / "uv.lock").read_text())
PACKAGES: dict[str, Any] = {package["name"]: package for package in LOCK["package"]}
OWN = "trophycase"

# The lowest version without a reported hole: CVE-2026-35523, 35526, 47706, 47707 and 107727 in
# Strawberry, CVE-2026-48710 and 62727 in Starlette.
FLOORS = {"strawberry-graphql": (0, 327, 2), "starlette": (1, 0, 1)}

# Those whose private names are used.
BUILT_UPON = ("graphql-core", "strawberry-graphql", "uvicorn")


def version(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in PACKAGES[name]["version"].split("."))


@pytest.mark.parametrize("name", FLOORS)
def test_no_version_with_a_reported_hole_is_locked(name: str) -> None:
    assert version(name) >= FLOORS[name]


@pytest.mark.parametrize("name", BUILT_UPON)
def test_what_is_built_upon_from_inside_is_no_newer_than_was_tried(name: str) -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    (allowed,) = (each.removeprefix(name) for each in told if each.startswith(name))
    assert allowed.startswith("==") or "<" in allowed


def test_everything_that_is_locked_has_a_hash() -> None:
    files = [
        file
        for name, package in PACKAGES.items()
        if name != OWN
        for file in [*package.get("wheels", []), package.get("sdist", {"hash": "sha256:"})]
    ]
    assert files
    assert {file["hash"].partition(":")[0] for file in files} == {"sha256"}


def test_pip_installs_what_is_locked() -> None:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    pinned = dict(line.split(" ")[0].split("==") for line in lines if "==" in line)
    assert pinned
    assert {name: PACKAGES[name]["version"] for name in pinned} == pinned
