"""LRU cache of validated documents: at most 1,000, with 1 million characters together."""

from dataclasses import dataclass, field
from operator import itemgetter
from typing import Generic, TypeVar

from cachetools import LRUCache

T = TypeVar("T")

MAX_DOCUMENTS = 1000
# A parsed document takes about eighty times the memory of its text.
MAX_CHARACTERS = 1_000_000


@dataclass
class DocumentCache(Generic[T]):
    """Documents by their text; the least recently used is evicted first."""

    max_documents: int = MAX_DOCUMENTS
    max_characters: int = MAX_CHARACTERS
    _entries: LRUCache[str, tuple[T, int]] = field(init=False)  # with the length of the text

    def __post_init__(self) -> None:
        self._entries = LRUCache(self.max_characters, itemgetter(1))

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def characters(self) -> float:
        """The characters of all texts together."""
        return self._entries.currsize

    def get(self, text: str) -> T | None:
        """Return the document of a text, and mark it as the most recently used."""
        try:
            return self._entries[text][0]
        except KeyError:
            return None

    def set(self, text: str, document: T) -> T:
        """Store the document of a text, unless it alone is too long, and return it."""
        if len(text) <= self.max_characters:
            self._entries[text] = (document, len(text))
        while len(self._entries) > self.max_documents:
            self._entries.popitem()
        return document
