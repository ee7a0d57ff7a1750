"""What breaks clients of an earlier schema is listed."""

import re
from pathlib import Path

import pytest

from schema.graph import build_schema
from server.commands import render_sdl
from server.schema_changes import list_breaking_changes
from tests.server.runtime.server_process import build_environment, run_command

SDL = render_sdl(federation=False)


def write(folder: Path, sdl: str) -> Path:
    path = folder / "before.graphql"
    path.write_text(sdl, encoding="utf-8")
    return path


def test_an_equal_schema_and_an_added_field_break_nothing(tmp_path: Path) -> None:
    assert list_breaking_changes(write(tmp_path, SDL), SDL) == []
    fewer = SDL.replace("type SourceInfo {", "type SourceInfo {", 1).replace(
        '  """The remaining calls; null if there is no limit."""\n  budget: SourceBudget\n', ""
    )
    assert fewer != SDL
    assert list_breaking_changes(write(tmp_path, fewer), SDL) == []


def test_a_field_that_is_gone_and_a_type_that_has_changed_are_listed(tmp_path: Path) -> None:
    before = SDL.replace("type SourceInfo {", "type SourceInfo {\n  gone: Int\n", 1)
    before = before.replace("  budget: SourceBudget\n", "  budget: Int\n")

    lines = list_breaking_changes(write(tmp_path, before), SDL)
    assert [line.partition(":")[0] for line in lines] == ["FIELD_CHANGED_KIND", "FIELD_REMOVED"]
    assert "SourceInfo.gone" in lines[1]


def test_subgraphs_are_compared_as_well(tmp_path: Path) -> None:
    sdl = build_schema().sdl
    head = re.search(r"^type SourceInfo\b[^{]*{", sdl, re.MULTILINE)
    assert head
    before = sdl.replace(head[0], f"{head[0]}\n  gone: Int\n", 1)

    assert list_breaking_changes(write(tmp_path, sdl), sdl) == []
    assert len(list_breaking_changes(write(tmp_path, before), sdl)) == 1


@pytest.mark.parametrize("text", ["", "{", "type Query {", "type A { b: Missing }", "\x00"])
def test_a_file_that_is_no_schema_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match="must be a schema in SDL"):
        list_breaking_changes(write(tmp_path, text), SDL)


def test_a_file_that_cannot_be_read_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="No such file"):
        list_breaking_changes(tmp_path / "missing.graphql", SDL)
    with pytest.raises(ValueError, match="directory"):
        list_breaking_changes(tmp_path, SDL)


@pytest.mark.slow
@pytest.mark.parametrize(("added", "exit_code"), [("", 0), ("\n  gone: Int\n", 1)])
def test_the_command_ends_with_1_if_a_client_breaks(
    tmp_path: Path, added: str, exit_code: int
) -> None:
    before = SDL.replace("type SourceInfo {", f"type SourceInfo {{{added}", 1)

    ran = run_command(build_environment(), "schema", "--check", str(write(tmp_path, before)))
    assert (ran.exit_code, ran.errors) == (exit_code, "")
    assert ("SourceInfo.gone" in ran.output) == bool(exit_code)
