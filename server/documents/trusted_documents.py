"""The documents that the operator trusts, by their names, ids and hashes."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from graphql import OperationDefinitionNode, OperationType

from providers.errors import ProviderError
from schema.federated_schema import FederatedSchema
from server.documents.document_files import DocumentFile, read_documents
from server.limits.document import parse_document
from server.settings import SettingError, Settings

SETTING = "TROPHYCASE_DOCUMENTS"


@dataclass(frozen=True)
class TrustedDocument:
    """A valid document with one operation."""

    text: str = field(repr=False)
    is_query: bool


@dataclass(frozen=True)
class TrustedDocuments:
    """The documents by what they are requested by.

    `are_public` if they run without a key, `are_exclusive` if no others run.
    """

    by_name: Mapping[str, TrustedDocument] = field(default_factory=dict[str, TrustedDocument])
    are_public: bool = False
    are_exclusive: bool = False
    _texts: frozenset[str] = frozenset()

    @classmethod
    def load(cls, settings: Settings, graph: FederatedSchema) -> "TrustedDocuments":
        """Read and validate the operator's documents; raise `SettingError` for a bad one."""
        if settings.documents is None:
            return cls()
        try:
            by_name = _index(read_documents(Path(settings.documents)), graph)
        except ValueError as error:
            raise SettingError(SETTING, str(error)) from None
        texts = frozenset(each.text for each in by_name.values())
        return cls(by_name, settings.documents_public, settings.documents_only, texts)

    def find(self, name: str) -> TrustedDocument | None:
        """Return the document of a name, an id or a SHA-256 hash."""
        return self.by_name.get(name)

    def is_public(self, name: str) -> bool:
        """Return whether there is such a document, and everyone may run it."""
        document = self.find(name)
        return self.are_public and document is not None and document.is_query

    def permits(self, text: str) -> bool:
        """Return whether a document may run here: any, unless only the operator's may."""
        return not self.are_exclusive or text in self._texts


def _index(files: Iterable[DocumentFile], graph: FederatedSchema) -> Mapping[str, TrustedDocument]:
    by_name: dict[str, TrustedDocument] = {}
    for each in files:
        document, operation_name = _validate(each, graph)
        digest = hashlib.sha256(each.text.encode()).hexdigest()
        for name in {*each.ids, digest, *([operation_name] if operation_name else [])}:
            if by_name.setdefault(name, document) != document:
                raise ValueError(f"{each.origin}: another document has the name {name}")
    return by_name


def _validate(file: DocumentFile, graph: FederatedSchema) -> tuple[TrustedDocument, str | None]:
    try:
        prepared = graph.prepare(file.text, parse_document)
    except ProviderError as error:  # it is over a limit
        raise ValueError(f"{file.origin}: {error.message}") from None
    if prepared.document is None:
        raise ValueError(f"{file.origin}: {prepared.errors[0].message}")
    operations = [
        node for node in prepared.document.definitions if isinstance(node, OperationDefinitionNode)
    ]
    if len(operations) != 1:
        raise ValueError(f"{file.origin}: must have exactly one operation")
    (operation,) = operations
    is_query = operation.operation is OperationType.QUERY
    name = operation.name.value if operation.name else None
    return TrustedDocument(file.text, is_query), name
