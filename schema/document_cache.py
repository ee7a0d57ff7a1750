"""What was made of texts, for as long as those are few and short enough together."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")

MAX_DOCUMENTS = 1000
# Characters of all texts: a document that was read takes about eighty times its text.
MAX_CHARACTERS = 1_000_000


@dataclass
class DocumentCache(Generic[T]):
    """By text, the least recently used forgotten first."""

    max_documents: int = MAX_DOCUMENTS
    max_characters: int = MAX_CHARACTERS
    characters: int = 0
    _documents: OrderedDict[str, T] = field(default_factory=OrderedDict[str, T])

    def __len__(self) -> int:
        return len(self._documents)

    def get(self, text: str) -> T | None:
        """What was made of a text, now the most recently used."""
        document = self._documents.get(text)
        if document is not None:
            self._documents.move_to_end(text)
        return document

    def set(self, text: str, document: T) -> T:
        """Remember what was made of a text that is not remembered yet."""
        self._documents[text] = document
        self.characters += len(text)
        while self.characters > self.max_characters or len(self._documents) > self.max_documents:
            evicted, _ = self._documents.popitem(last=False)
            self.characters -= len(evicted)
        return document
