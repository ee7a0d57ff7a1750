"""What is remembered beside what it is estimated at: `python -m tests.benchmarks.memory`."""

import gc
import sys
import tracemalloc
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import msgspec

from providers.kit.caching.cache_key import Key
from providers.kit.caching.memory_store import ENTRY_BYTES, VALUE_FACTOR, Entry, Memory, packed
from schema.document_cache import MOST, MOST_TEXT
from schema.graph import build
from server.limits.document import parsed
from tests.benchmarks.counting import counted
from tests.benchmarks.questions import OWNER, WHOLE, titles
from tests.benchmarks.worlds import psn_titles

TITLES = 100
MEGABYTE = 1_000_000


def bytes_of(make: Callable[[], Any]) -> int:
    """How much is taken by what is made, while it is there."""
    gc.collect()
    tracemalloc.start()
    made = make()
    gc.collect()
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del made
    return taken


def remembered_values() -> list[Any]:
    """All that is remembered after a page of titles with everything in them."""
    values: list[Any] = []
    put = Memory.put

    def noting(memory: Memory, key: Key, entry: Entry) -> None:
        if isinstance(entry.value, msgspec.Struct):
            values.append(entry.value)
        put(memory, key, entry)

    with patch.object(Memory, "put", noting), counted() as at:
        psn_titles(at.server.psn, OWNER["accounts"][0]["handle"], TITLES)
        at.server.data(titles(WHOLE), OWNER)
    return values


def entries() -> tuple[int, int]:
    """How many bytes those values take, and their compact encodings."""
    encoded: list[tuple[bytes, type[Any]]] = [
        (packed(value), type(value)) for value in remembered_values()
    ]
    taken = bytes_of(lambda: [msgspec.msgpack.decode(text, type=kind) for text, kind in encoded])
    return taken, sum(len(text) for text, _ in encoded)


def documents() -> tuple[int, int]:
    """How many bytes as many documents take as are remembered, and their texts."""
    graph = build()
    whole = " ".join(titles(WHOLE).split())
    texts = [whole.replace("user(", f"alias{number}: user(") for number in range(MOST)]
    graph.prepare(texts[0], parsed)
    taken = bytes_of(lambda: [graph.prepare(text, parsed) for text in texts])
    return taken, sum(map(len, texts))


def main() -> None:
    """Print both."""
    taken, encoded = entries()
    line = f"values: {taken / encoded:.1f} times their encoding; {VALUE_FACTOR} and {ENTRY_BYTES}"
    sys.stdout.write(f"{line} bytes for an entry are estimated\n")
    taken, texts = documents()
    line = f"documents: {taken / texts:.0f} times their texts"
    sys.stdout.write(f"{line}; at most {taken / texts * MOST_TEXT / MEGABYTE:.0f} MB for all\n")


if __name__ == "__main__":
    main()
