"""Valid documents are cached, up to a number and a length of all texts together."""

import pytest

from schema.document_cache import MAX_CHARACTERS, DocumentCache
from schema.graph import build_schema


@pytest.fixture
def texts() -> DocumentCache[int]:
    return DocumentCache(max_documents=3, max_characters=100)


def test_the_least_recently_used_is_evicted(texts: DocumentCache[int]) -> None:
    for number in range(3):
        texts.set(str(number), number)
    assert texts.get("0") == 0
    texts.set("3", 3)
    assert [texts.get(str(number)) for number in range(4)] == [0, None, 2, 3]


def test_long_texts_leave_room_for_fewer(texts: DocumentCache[int]) -> None:
    for number in range(3):
        texts.set(str(number) * 60, number)
        assert (len(texts), texts.characters) == (1, 60)
    texts.set("a" * 101, 4)
    assert texts.get("a" * 101) is None
    assert (len(texts), texts.characters) == (1, 60)


def test_a_document_is_parsed_once() -> None:
    text = "{ __typename } # a document of this test"
    assert build_schema().prepare(text) is build_schema().prepare(text)


@pytest.mark.parametrize("text", ["{ nothing_of_that_name }", "{ not even a document"])
def test_an_invalid_document_is_not_cached(text: str) -> None:
    assert build_schema().prepare(text).errors
    assert build_schema().documents.get(text) is None


@pytest.mark.slow
def test_cached_documents_are_bounded_by_text_length() -> None:
    graph = build_schema(with_node=False)
    for number in range(30):
        graph.prepare(f"query q{number} {{ __typename }} #" + "x" * 59_000)
    assert 0 < graph.documents.characters <= MAX_CHARACTERS
    assert len(graph.documents) == MAX_CHARACTERS // 59_030
