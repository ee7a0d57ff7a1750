"""Encryption of what is stored outside the process, in Redis or in a file, and keyed names."""

import hashlib
import os
import time
from typing import NamedTuple, Protocol, Self

import msgspec
from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV, ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

KEY_BYTES = 32
TIME_BYTES = 8
MICROSECONDS = 1_000_000
NAMES_PURPOSE, ENTRIES_PURPOSE = b"trophycase 2 names", b"trophycase 2 entries"
ENTRY_PURPOSE, TOKEN_PURPOSE = b"trophycase 2 entry ", b"trophycase 2 token"


class DatedContent(NamedTuple):
    """A decrypted value and the time at which it was encrypted, in seconds since 1970."""

    content: bytes
    written_at: float


class Aead(Protocol):
    """Authenticated encryption that stays safe when processes draw their nonces independently."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
        """Return the ciphertext and its tag."""
        ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
        """Return the plaintext. Raise `InvalidTag`."""
        ...


class PerEntryChaCha:
    """ChaCha20-Poly1305 with a key for each entry, derived from a nonce of 16 bytes.

    It is for an OpenSSL without AES-GCM-SIV (before 3.2): a repeated nonce would break
    ChaCha20-Poly1305 itself, and among 16 random bytes none repeats.
    """

    NONCE_BYTES = 16
    # Each key encrypts one entry.
    _FIXED_NONCE = bytes(12)

    def __init__(self, key: bytes) -> None:
        self._key = key

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
        """Return the ciphertext and its tag."""
        return self._create_aead(nonce).encrypt(self._FIXED_NONCE, data, associated_data)

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
        """Return the plaintext. Raise `InvalidTag`."""
        return self._create_aead(nonce).decrypt(self._FIXED_NONCE, data, associated_data)

    def _create_aead(self, nonce: bytes) -> ChaCha20Poly1305:
        expand = HKDFExpand(SHA256(), KEY_BYTES, ENTRY_PURPOSE + nonce)
        return ChaCha20Poly1305(expand.derive(self._key))


class Cipher:
    """Authenticated encryption of values, and keyed hashes of names, from one random secret.

    Processes with the same secret read each other's values. A value is bound to its name and to
    the time of its encryption: `nonce + time + ciphertext and tag`, with name and time as
    associated data.
    """

    def __init__(self, secret: bytes) -> None:
        """Derive the keys from a secret of at least 32 random bytes."""
        self._name_key = _derive_key(secret, NAMES_PURPOSE)
        self._aead, self._nonce_bytes = create_aead(_derive_key(secret, ENTRIES_PURPOSE))

    @classmethod
    def from_token(cls, token: str) -> Self:
        """Create a cipher from a credential that is long and random, such as an NPSSO."""
        return cls(_derive_key(token.encode(), TOKEN_PURPOSE))

    def hash_name(self, *parts: str) -> str:
        """Return a keyed hash: the same for the same parts and secret, and not reversible."""
        content = msgspec.msgpack.encode(parts)
        return hashlib.blake2b(content, key=self._name_key, digest_size=16).hexdigest()

    def encrypt(self, name: str, content: bytes, written_at: float | None = None) -> bytes:
        """Encrypt a value that is stored under a name.

        It is dated from now, or from `written_at`, in seconds since 1970.
        """
        nonce = os.urandom(self._nonce_bytes)
        seconds = time.time() if written_at is None else written_at
        date = int(seconds * MICROSECONDS).to_bytes(TIME_BYTES)
        return nonce + date + self._aead.encrypt(nonce, content, name.encode() + date)

    def decrypt(self, name: str, encrypted: bytes) -> bytes | None:
        """Decrypt a value; None if it was not encrypted under this name with this secret."""
        dated = self.decrypt_dated(name, encrypted)
        return None if dated is None else dated.content

    def decrypt_dated(self, name: str, encrypted: bytes) -> DatedContent | None:
        """Decrypt a value and the time of its encryption; None as in `decrypt`."""
        start = self._nonce_bytes + TIME_BYTES
        nonce, written_at = encrypted[: self._nonce_bytes], encrypted[self._nonce_bytes : start]
        if len(written_at) < TIME_BYTES:
            return None
        try:
            content = self._aead.decrypt(nonce, encrypted[start:], name.encode() + written_at)
        except InvalidTag:
            return None
        return DatedContent(content, int.from_bytes(written_at) / MICROSECONDS)


def create_aead(key: bytes) -> tuple[Aead, int]:
    """Return the best cipher that the library has, and the bytes of its nonce."""
    try:
        # SIV, because a repeated nonce only shows that two entries are equal.
        return AESGCMSIV(key), 12
    except UnsupportedAlgorithm:
        return PerEntryChaCha(key), PerEntryChaCha.NONCE_BYTES


def _derive_key(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose).derive(secret)
