"""Documents that were read are remembered, as far as they are worth their memory."""

import pytest

from schema.document_cache import MOST_TEXT, Remembered
from schema.graph import build


@pytest.fixture
def texts() -> Remembered[int]:
    return Remembered(most=3, most_text=100)


def test_the_least_recently_used_is_forgotten(texts: Remembered[int]) -> None:
    for number in range(3):
        texts.keep(str(number), number)
    assert texts.get("0") == 0
    texts.keep("3", 3)
    assert [texts.get(str(number)) for number in range(4)] == [0, None, 2, 3]


def test_long_texts_leave_room_for_fewer(texts: Remembered[int]) -> None:
    for number in range(3):
        texts.keep(str(number) * 60, number)
        assert (len(texts), texts.text) == (1, 60)
    texts.keep("a" * 101, 4)
    assert (len(texts), texts.text) == (0, 0)


def test_a_document_is_read_once() -> None:
    text = "{ __typename } # a document of this test"
    assert build().prepare(text) is build().prepare(text)


@pytest.mark.parametrize("text", ["{ nothing_of_that_name }", "{ not even a document"])
def test_a_refused_document_is_not_remembered(text: str) -> None:
    assert build().prepare(text).errors
    assert build().remembered.get(text) is None


def test_documents_are_held_to_the_length_of_their_texts() -> None:
    graph = build(node=False)
    for number in range(30):
        graph.prepare(f"query q{number} {{ __typename }} #" + "x" * 59_000)
    assert 0 < graph.remembered.text <= MOST_TEXT
    assert len(graph.remembered) == MOST_TEXT // 59_030
