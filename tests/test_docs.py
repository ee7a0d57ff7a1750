"""The documents name only what exists, and everything that they promise to name."""

import re
import subprocess
import tomllib
from datetime import date
from pathlib import Path

import pytest

from tests.harness import RunningServer

REPOSITORY = Path(__file__).parents[1]
DOCUMENTS = sorted((REPOSITORY / "docs").rglob("*.md"))
RELIABILITY = (REPOSITORY / "docs" / "reliability.md").read_text()
TEST_REFERENCE = re.compile(r"\b(tests/[\w/]+\.py)::(test_\w+)")
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE_BLOCK = re.compile(r"^(```|~~~).*?^\1", re.DOTALL | re.MULTILINE)


def find_relative_links(document: Path) -> set[str]:
    """Return the paths that a document links to, without fragments."""
    text = CODE_BLOCK.sub("", document.read_text())
    targets = {target.partition("#")[0] for target in LINK.findall(text)}
    return {target for target in targets if target and "://" not in target}


def is_defined(path: str, name: str) -> bool:
    file = REPOSITORY / path
    found = file.is_file() and re.search(rf"^(async )?def {name}\(", file.read_text(), re.MULTILINE)
    return bool(found)


@pytest.mark.slow
def test_every_test_that_is_named_exists() -> None:
    named = TEST_REFERENCE.findall(RELIABILITY)

    assert len(named) > 50
    assert [f"{path}::{name}" for path, name in named if not is_defined(path, name)] == []


def test_no_test_is_named_without_its_file() -> None:
    assert len(re.findall(r"\btest_\w+(?!\.py)\b", TEST_REFERENCE.sub("", RELIABILITY))) == 0


def test_the_documented_metrics_are_the_exported_ones(server: RunningServer) -> None:
    text = server.request("GET", "/metrics").text
    exported = set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE))
    named = set(re.findall(r"`(trophycase_\w+|process_\w+)`", RELIABILITY))

    assert named - exported == set()
    assert {name for name in exported if name.startswith("trophycase_")} - named == set()


def test_every_target_that_is_named_exists() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()
    targets = set(re.findall(r"^(\w+):", makefile, re.MULTILINE))
    texts = [(REPOSITORY / "README.md").read_text(), *(each.read_text() for each in DOCUMENTS)]
    named = {target for text in texts for target in re.findall(r"`make (\w+)`", text)}

    assert {"check", "quick", "test"} <= named
    assert named - targets == set()


def test_make_help_lists_every_target() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()
    (names,) = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    ran = subprocess.run(
        ["make", "--silent", "help"],  # noqa: S607
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    listed = [line.split(maxsplit=1) for line in ran.stdout.splitlines()]

    assert sorted(name for name, _ in listed) == sorted(names.split())


def test_every_code_of_a_source_is_explained() -> None:
    text = (REPOSITORY / "providers" / "errors.py").read_text()
    codes = re.findall(r'code(?:: ClassVar\[str\])? = "(\w+)"', text)

    assert codes
    assert [code for code in codes if f"`{code}`" not in RELIABILITY] == []


@pytest.mark.parametrize(
    "document",
    [*sorted(REPOSITORY.glob("*.md")), *DOCUMENTS],
    ids=lambda document: str(document.relative_to(REPOSITORY)),
)
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    links = find_relative_links(document)

    assert [link for link in links if not (document.parent / link).exists()] == []


def test_the_changelog_begins_with_the_version_of_the_package() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    text = (REPOSITORY / "CHANGELOG.md").read_text()
    headings = re.findall(r"^## \[(.+?)\] - (.+)$", text, re.MULTILINE)
    versions = [tuple(map(int, version.split("."))) for version, _ in headings]

    assert headings[0][0] == project["version"]
    assert len(headings) == len(re.findall(r"^## ", text, re.MULTILINE))
    assert versions == sorted(versions, reverse=True)
    assert all(date.fromisoformat(day) for _, day in headings)
