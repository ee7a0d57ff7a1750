"""Encryption: values that only the same key and name decrypt, and hashed names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.kit.shared.encryption import Cipher

CIPHER, OTHER_CIPHER = Cipher.from_settings(("one", "two")), Cipher.from_settings(("one",))


@given(st.binary(max_size=2000))
def test_a_value_decrypts_only_under_its_own_name_and_key(content: bytes) -> None:
    encrypted = CIPHER.encrypt("name", content)
    assert CIPHER.decrypt("name", encrypted) == content
    assert CIPHER.decrypt("other", encrypted) is None
    assert OTHER_CIPHER.decrypt("name", encrypted) is None


@given(st.binary(max_size=100))
def test_foreign_bytes_do_not_decrypt(content: bytes) -> None:
    assert CIPHER.decrypt("name", content) is None


@pytest.mark.parametrize("position", range(0, 40, 3))
def test_a_flipped_bit_is_detected(position: int) -> None:
    encrypted = bytearray(CIPHER.encrypt("name", b"a content"))
    encrypted[position] ^= 1
    assert CIPHER.decrypt("name", bytes(encrypted)) is None


def test_encrypting_twice_gives_different_bytes() -> None:
    assert CIPHER.encrypt("name", b"a content") != CIPHER.encrypt("name", b"a content")
    assert b"content" not in CIPHER.encrypt("name", b"a content")


def test_names_do_not_depend_on_the_order_of_secrets() -> None:
    assert CIPHER.hash_name("kind", "key") == Cipher.from_settings(("two", "one", "two")).hash_name(
        "kind", "key"
    )
    assert CIPHER.hash_name("kind", "key") != OTHER_CIPHER.hash_name("kind", "key")
    assert CIPHER.hash_name("a", "bc") != CIPHER.hash_name("ab", "c")
