"""Files with documents: GraphQL, and what Apollo's, Relay's and codegen's compilers write.

Each function raises `ValueError` with one line that names the file.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

MAX_FILE_BYTES = 4 * 1024 * 1024
MAX_DOCUMENTS = 1_000
GRAPHQL_SUFFIXES = (".graphql", ".gql")
ID = re.compile(r"[\w.:~-]{1,200}", re.ASCII)


@dataclass(frozen=True)
class DocumentFile:
    """A document as it was read: where it is, what it is requested by, and its text."""

    origin: str
    ids: tuple[str, ...]
    text: str


class ApolloOperation(msgspec.Struct):
    """An operation of Apollo's manifest; `id` is the hash of `body` unless it is configured."""

    id: str
    body: str


class ApolloManifest(msgspec.Struct, tag_field="format", tag="apollo-persisted-query-manifest"):
    """The file that `generate-persisted-query-manifest` writes."""

    version: int
    operations: list[ApolloOperation]


def read_documents(folder: Path) -> list[DocumentFile]:
    """Read all documents of a folder, in the order of the files' names."""
    try:
        paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
        documents = [each for path in paths for each in _read_file(path)]
    except OSError as error:
        raise ValueError(f"the folder: {error.strerror or 'cannot be read'}") from None
    if not documents:
        raise ValueError("the folder has no .graphql or .json file with a document")
    if len(documents) > MAX_DOCUMENTS:
        raise ValueError(f"the folder has more than {MAX_DOCUMENTS:,} documents")
    return documents


def _read_file(path: Path) -> Iterator[DocumentFile]:
    suffix = path.suffix.lower()
    if suffix in GRAPHQL_SUFFIXES:
        yield _check_id(DocumentFile(path.name, (path.stem,), _read_text(path)), path.stem)
    elif suffix == ".json":
        for name, text in _read_map(path):
            yield _check_id(DocumentFile(f"{path.name}: {name[:200]}", (name,), text), name)


def _check_id(file: DocumentFile, name: str) -> DocumentFile:
    if not ID.fullmatch(name):
        raise ValueError(f"{file.origin}: a name has up to 200 letters, digits, and _ . : ~ -")
    return file


def _read_text(path: Path) -> str:
    content = path.read_bytes()
    if len(content) > MAX_FILE_BYTES:
        raise ValueError(f"{path.name}: must not be larger than 4 MiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{path.name}: must be text in UTF-8") from None


def _read_map(path: Path) -> list[tuple[str, str]]:
    """Return the documents by id: Apollo's manifest, or the map of Relay and of codegen."""
    text = _read_text(path)
    try:
        if '"operations"' in text:
            manifest = msgspec.json.decode(text, type=ApolloManifest)
            if manifest.version == 1:
                return [(each.id, each.body) for each in manifest.operations]
        else:
            return list(msgspec.json.decode(text, type=dict[str, str]).items())
    except (msgspec.MsgspecError, RecursionError):
        pass
    message = "must be Apollo's manifest (version 1), or a map of ids to documents"
    raise ValueError(f"{path.name}: {message}")
