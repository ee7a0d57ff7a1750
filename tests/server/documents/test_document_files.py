"""The files of documents that the usual compilers write, and those that are not."""

import json
from pathlib import Path
from typing import Any

import pytest

from server.documents.document_files import MAX_DOCUMENTS, read_documents

TEXT = "query A { viewer { displayName } }"
APOLLO = {
    "format": "apollo-persisted-query-manifest",
    "version": 1,
    "operations": [{"id": "0ff1ce", "name": "A", "type": "query", "body": TEXT}],
}


def write(folder: Path, name: str, content: Any) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "content", "names"),
    [
        ("a.graphql", TEXT, ("a",)),
        ("b.gql", "\ufeff" + TEXT, ("b",)),
        ("persisted-query-manifest.json", APOLLO, ("0ff1ce",)),
        ("relay.json", {"5d41402abc4b2a76b9719d911017c592": TEXT}, None),
        ("persisted-documents.json", {"sha256:0ff1ce": TEXT}, ("sha256:0ff1ce",)),
    ],
)
def test_each_format_is_read(
    tmp_path: Path, name: str, content: Any, names: tuple[str, ...] | None
) -> None:
    write(tmp_path, name, content)
    write(tmp_path, ".hidden.json", "x")
    write(tmp_path, "README.md", "x")

    (document,) = read_documents(tmp_path)
    assert document.text == TEXT
    assert document.ids == (names or tuple(content))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.json", "{"),
        ("x.json", []),
        ("x.json", {"a": 1}),
        ("x.json", {**APOLLO, "version": 2}),
        ("x.json", {**APOLLO, "format": "another"}),
        ("x.json", {**APOLLO, "operations": [{"id": "a"}]}),
        ("x.json", {"an id/with a slash": TEXT}),
        ("x y.graphql", TEXT),
    ],
)
def test_another_content_is_refused_in_one_line_with_the_file(
    tmp_path: Path, name: str, content: Any
) -> None:
    write(tmp_path, name, content)

    with pytest.raises(ValueError, match=r"^x.*: ") as raised:
        read_documents(tmp_path)
    assert "\n" not in str(raised.value)


def test_a_folder_must_exist_and_have_documents(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="No such file"):
        read_documents(tmp_path / "nowhere")
    with pytest.raises(ValueError, match=r"no \.graphql or .json file"):
        read_documents(tmp_path)


def test_documents_are_bounded(tmp_path: Path) -> None:
    write(tmp_path, "many.json", {f"id{number}": TEXT for number in range(MAX_DOCUMENTS + 1)})
    with pytest.raises(ValueError, match="more than 1,000"):
        read_documents(tmp_path)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.graphql").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="UTF-8"):
        read_documents(tmp_path)
