"""Memory that cached values and documents take, beside the estimates.

python -m tests.benchmarks.memory
"""

import gc
import sys
import tracemalloc
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import msgspec

from providers.kit.caching.cache_key import CacheKey
from providers.kit.caching.memory_store import (
    ENTRY_OVERHEAD_BYTES,
    SIZE_FACTOR,
    CacheEntry,
    MemoryStore,
    encode_value,
)
from schema.document_cache import MAX_CHARACTERS, MAX_DOCUMENTS
from schema.graph import build_schema
from server.limits.document import parse_document
from tests.benchmarks.call_benchmark import start_benchmark
from tests.benchmarks.queries import ALL_TITLE_FIELDS, OWNER_VARIABLES, build_titles_query
from tests.benchmarks.sandbox_data import add_psn_titles

TITLE_COUNT = 100
MEGABYTE = 1_000_000


def measure_bytes(make: Callable[[], Any]) -> int:
    """Return the bytes that the result of `make` takes while it is alive."""
    gc.collect()
    tracemalloc.start()
    made = make()
    gc.collect()
    used_bytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del made
    return used_bytes


def collect_cached_values() -> list[Any]:
    """Return all values in the cache after a page of complete titles."""
    values: list[Any] = []
    original_put = MemoryStore.set

    def record_and_put(memory: MemoryStore, key: CacheKey, entry: CacheEntry) -> None:
        if isinstance(entry.value, msgspec.Struct):
            values.append(entry.value)
        original_put(memory, key, entry)

    with patch.object(MemoryStore, "set", record_and_put), start_benchmark() as benchmark:
        add_psn_titles(benchmark.server.psn, OWNER_VARIABLES["accounts"][0]["handle"], TITLE_COUNT)
        benchmark.server.fetch_data(build_titles_query(ALL_TITLE_FIELDS), OWNER_VARIABLES)
    return values


def measure_entries() -> tuple[int, int]:
    """Return the bytes of those values, and of their encodings."""
    encoded: list[tuple[bytes, type[Any]]] = [
        (encode_value(value), type(value)) for value in collect_cached_values()
    ]
    used_bytes = measure_bytes(
        lambda: [msgspec.msgpack.decode(text, type=kind) for text, kind in encoded]
    )
    return used_bytes, sum(len(text) for text, _ in encoded)


def measure_documents() -> tuple[int, int]:
    """Return the bytes of a full document cache, and the characters of its texts."""
    graph = build_schema()
    query = " ".join(build_titles_query(ALL_TITLE_FIELDS).split())
    texts = [query.replace("user(", f"alias{number}: user(") for number in range(MAX_DOCUMENTS)]
    graph.prepare(texts[0], parse_document)
    used_bytes = measure_bytes(lambda: [graph.prepare(text, parse_document) for text in texts])
    return used_bytes, sum(map(len, texts))


def main() -> None:
    """Print both."""
    used_bytes, encoded = measure_entries()
    line = f"values: {used_bytes / encoded:.1f} times their encoding; the estimate is"
    sys.stdout.write(f"{line} {SIZE_FACTOR} times and {ENTRY_OVERHEAD_BYTES} bytes per entry\n")
    used_bytes, texts = measure_documents()
    line = f"documents: {used_bytes / texts:.0f} times their texts"
    sys.stdout.write(
        f"{line}; at most {used_bytes / texts * MAX_CHARACTERS / MEGABYTE:.0f} MB for all\n"
    )


if __name__ == "__main__":
    main()
