"""The memory store: its bound in bytes, and how long an entry is of use."""

import time

import pytest

from providers.errors import NotFound
from providers.kit.caching.memory_store import (
    ENTRY_OVERHEAD_BYTES,
    MAX_CHANGED_KEYS,
    CacheEntry,
    MemoryStore,
    create_absence,
    create_entry,
    encode_value,
)
from providers.kit.caching.policy import NEVER_EXPIRES, CachePolicy

POLICY: CachePolicy[str] = CachePolicy(
    "SOURCE.value",
    str,
    max_age=10,
    stale_while_revalidate=20,
    stale_if_error=30,
    negative_ttl=5,
)


def make_entry(encoded_length: int = 100) -> CacheEntry:
    return create_entry("value", encoded_length)


def make_old_entry(age: float) -> CacheEntry:
    return CacheEntry("value", time.time() - age)


def test_the_least_recently_used_entry_is_evicted_first() -> None:
    store, entry = MemoryStore(capacity=3 * make_entry().size), make_entry()
    for key in ("first", "second", "third"):
        store.set((key,), entry)
    store.get(("first",))
    store.set(("fourth",), entry)

    assert store.get(("second",)) is None
    assert [store.get((key,)) for key in ("first", "third", "fourth")] == [entry] * 3


def test_a_large_entry_evicts_several_small_ones() -> None:
    store = MemoryStore(capacity=3 * make_entry().size)
    for key in ("first", "second", "third"):
        store.set((key,), make_entry())
    large = make_entry(encoded_length=100 + ENTRY_OVERHEAD_BYTES // 2)
    store.set(("large",), large)

    assert [store.get((key,)) for key in ("first", "second")] == [None, None]
    assert store.get(("large",)) is large


def test_an_entry_larger_than_the_store_only_removes_the_old_one() -> None:
    store = MemoryStore(capacity=2 * make_entry().size)
    store.set(("key",), make_entry())
    store.set(("other",), make_entry())
    store.set(("key",), make_entry(encoded_length=10_000))

    assert store.get(("key",)) is None
    assert store.get(("other",)) is not None


def test_a_replaced_entry_frees_its_bytes() -> None:
    store = MemoryStore(capacity=2 * make_entry().size)
    for _ in range(10):
        store.set(("key",), make_entry())
    store.set(("other",), make_entry())

    assert store.get(("key",)) is not None


def test_matching_entries_are_deleted() -> None:
    store = MemoryStore()
    for name in ("PSN.titles", "PSN.friends"):
        store.set((name, "key"), make_entry())
    store.delete_matching(lambda key: key[0] == "PSN.friends")

    assert store.get(("PSN.titles", "key")) is not None
    assert store.get(("PSN.friends", "key")) is None


def test_the_keys_of_the_latest_changes_are_listed_unless_they_are_too_many() -> None:
    store, entry = MemoryStore(), make_entry()
    store.set(("first",), entry)
    before = store.changes
    store.set(("second",), entry)
    store.delete(("first",))
    assert store.list_changed_keys(before) == [("first",), ("second",)]
    assert store.list_changed_keys(store.changes) == []
    for number in range(MAX_CHANGED_KEYS):
        store.set((str(number),), entry)
    assert store.list_changed_keys(before) is None


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (9, (True, True, True)),
        (11, (False, True, True)),
        (21, (False, False, True)),
        (31, (False, False, False)),
    ],
)
def test_an_entry_is_of_use_as_long_as_its_policy_says(
    age: float, expected: tuple[bool, bool, bool]
) -> None:
    entry = make_old_entry(age)

    assert expected == (
        entry.is_fresh(POLICY),
        entry.can_serve_while_revalidating(POLICY),
        entry.can_serve_on_error(POLICY),
    )


def test_an_absence_is_served_for_its_negative_ttl_and_never_stale() -> None:
    absence = create_absence(NotFound("No such account.", source="SOURCE"))

    assert absence.is_fresh(POLICY)
    assert not absence.can_serve_while_revalidating(POLICY)
    assert not absence.can_serve_on_error(POLICY)
    with pytest.raises(NotFound, match="No such account"):
        absence.to_cached()


def test_an_entry_of_unlimited_max_age_never_expires() -> None:
    policy: CachePolicy[str] = CachePolicy("SOURCE.value", str, max_age=NEVER_EXPIRES)

    assert CacheEntry("value", stored_at=0).is_fresh(policy)


def test_the_estimated_size_grows_with_the_encoding() -> None:
    short, long = (create_entry(text, len(encode_value(text))) for text in ("x", "x" * 1000))

    assert short.size > ENTRY_OVERHEAD_BYTES
    assert long.size > short.size + 1000
