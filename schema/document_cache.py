"""What was made of texts, for as long as those are few and short enough together."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")

MOST = 1000
# Characters of all texts: a document that was read takes about eighty times its text.
MOST_TEXT = 1_000_000


@dataclass
class Remembered(Generic[T]):
    """By text, the least recently used forgotten first."""

    most: int = MOST
    most_text: int = MOST_TEXT
    text: int = 0
    _found: OrderedDict[str, T] = field(default_factory=OrderedDict[str, T])

    def __len__(self) -> int:
        return len(self._found)

    def get(self, text: str) -> T | None:
        """What was made of a text, now the most recently used."""
        found = self._found.get(text)
        if found is not None:
            self._found.move_to_end(text)
        return found

    def keep(self, text: str, made: T) -> T:
        """Remember what was made of a text that is not remembered yet."""
        self._found[text] = made
        self.text += len(text)
        while self.text > self.most_text or len(self._found) > self.most:
            forgotten, _ = self._found.popitem(last=False)
            self.text -= len(forgotten)
        return made
