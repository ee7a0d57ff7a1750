"""Names that lead nowhere, and contents for nobody else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.kit.shared.encryption import Seal

SEAL, OTHER = Seal.of_settings(("one", "two")), Seal.of_settings(("one",))


@given(st.binary(max_size=2000))
def test_what_is_sealed_is_opened_under_its_name_alone(content: bytes) -> None:
    sealed = SEAL.close("name", content)
    assert SEAL.open("name", sealed) == content
    assert SEAL.open("other", sealed) is None
    assert OTHER.open("name", sealed) is None


@given(st.binary(max_size=100))
def test_what_nobody_sealed_is_not_opened(content: bytes) -> None:
    assert SEAL.open("name", content) is None


@pytest.mark.parametrize("place", range(0, 40, 3))
def test_a_changed_bit_is_noticed(place: int) -> None:
    sealed = bytearray(SEAL.close("name", b"a content"))
    sealed[place] ^= 1
    assert SEAL.open("name", bytes(sealed)) is None


def test_the_same_content_never_looks_the_same() -> None:
    assert SEAL.close("name", b"a content") != SEAL.close("name", b"a content")
    assert b"content" not in SEAL.close("name", b"a content")


def test_names_are_the_same_for_the_same_secrets_in_any_order() -> None:
    assert SEAL.name("kind", "key") == Seal.of_settings(("two", "one", "two")).name("kind", "key")
    assert SEAL.name("kind", "key") != OTHER.name("kind", "key")
    assert SEAL.name("a", "bc") != SEAL.name("ab", "c")
