"""Encryption: values that only the same secret and name decrypt, and hashed names."""

import hashlib
import time

import msgspec
import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from providers.kit.shared.encryption import Cipher, PerEntryChaCha

SECRET = bytes(range(32))
CIPHER, OTHER_CIPHER = Cipher(SECRET), Cipher(bytes(32))


def create_fallback(monkeypatch: pytest.MonkeyPatch) -> Cipher:
    """Create a cipher as with a library that has no AES-GCM-SIV."""

    def refuse(_key: bytes) -> AESGCMSIV:
        raise UnsupportedAlgorithm("no AES-GCM-SIV")

    monkeypatch.setattr("providers.kit.shared.encryption.AESGCMSIV", refuse)
    return Cipher(SECRET)


@pytest.fixture(params=["AES-GCM-SIV", "ChaCha20-Poly1305"])
def cipher(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Cipher:
    return CIPHER if request.param == "AES-GCM-SIV" else create_fallback(monkeypatch)


def derive_key(info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=info).derive(SECRET)


@given(st.binary(max_size=2000))
def test_a_value_decrypts_only_under_its_own_name_and_secret(content: bytes) -> None:
    encrypted = CIPHER.encrypt("name", content)
    assert CIPHER.decrypt("name", encrypted) == content
    assert CIPHER.decrypt("other", encrypted) is None
    assert OTHER_CIPHER.decrypt("name", encrypted) is None


@given(st.binary(max_size=100))
def test_foreign_bytes_do_not_decrypt(content: bytes) -> None:
    assert CIPHER.decrypt("name", content) is None


def test_a_flipped_bit_anywhere_is_detected(cipher: Cipher) -> None:
    """Holds for nonce, time, ciphertext and tag, whichever algorithm there is."""
    encrypted = cipher.encrypt("name", b"a content")
    for position in range(len(encrypted)):
        flipped = bytearray(encrypted)
        flipped[position] ^= 1
        assert cipher.decrypt("name", bytes(flipped)) is None
    assert cipher.decrypt("name", encrypted) == b"a content"


def test_a_truncated_value_does_not_decrypt(cipher: Cipher) -> None:
    encrypted = cipher.encrypt("name", b"a content")
    assert {cipher.decrypt("name", encrypted[:length]) for length in range(len(encrypted))} == {
        None
    }


def test_encrypting_twice_gives_different_bytes(cipher: Cipher) -> None:
    first, second = (cipher.encrypt("name", b"a content") for _ in range(2))
    assert first != second
    assert b"content" not in first + second
    assert cipher.decrypt("name", second) == b"a content"


def test_the_time_of_encryption_is_returned(
    cipher: Cipher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_900_000_000.25)
    encrypted = cipher.encrypt("name", b"a content")
    monkeypatch.undo()
    assert cipher.decrypt_dated("name", encrypted) == (b"a content", 1_900_000_000.25)


def test_the_format_is_the_documented_one() -> None:
    """Holds that other programs with the secret can read what docs/scaling.md describes."""
    encrypted = CIPHER.encrypt("name", b"a content")
    nonce, written_at, rest = encrypted[:12], encrypted[12:20], encrypted[20:]
    assert abs(int.from_bytes(written_at) / 1e6 - time.time()) < 60
    aead = AESGCMSIV(derive_key(b"trophycase 2 entries"))
    assert aead.decrypt(nonce, rest, b"name" + written_at) == b"a content"
    content = msgspec.msgpack.encode(("kind", "key"))
    name_key = derive_key(b"trophycase 2 names")
    expected = hashlib.blake2b(content, key=name_key, digest_size=16).hexdigest()
    assert CIPHER.hash_name("kind", "key") == expected


def test_without_aes_gcm_siv_every_entry_has_a_key_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Holds that no key of ChaCha20-Poly1305 is used twice, which would break it."""
    fallback = create_fallback(monkeypatch)
    encrypted = fallback.encrypt("name", b"a content")
    assert len(encrypted) == PerEntryChaCha.NONCE_BYTES + 8 + len(b"a content") + 16
    assert fallback.encrypt("name", b"a content")[24:] != encrypted[24:]
    assert CIPHER.decrypt("name", encrypted) is None
    assert fallback.hash_name("name") == CIPHER.hash_name("name")


def test_names_depend_on_the_secret_and_on_each_part() -> None:
    assert CIPHER.hash_name("kind", "key") == Cipher(SECRET).hash_name("kind", "key")
    assert CIPHER.hash_name("kind", "key") != OTHER_CIPHER.hash_name("kind", "key")
    assert CIPHER.hash_name("a", "bc") != CIPHER.hash_name("ab", "c")


def test_a_credential_makes_a_cipher_of_its_own() -> None:
    encrypted = Cipher.from_token("one").encrypt("name", b"tokens")
    assert Cipher.from_token("one").decrypt("name", encrypted) == b"tokens"
    assert Cipher.from_token("two").decrypt("name", encrypted) is None
