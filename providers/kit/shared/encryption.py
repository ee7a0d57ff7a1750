"""Encryption of what is stored outside the process, with a key derived from the settings."""

import hashlib
import hmac
import os
from collections.abc import Iterable
from functools import lru_cache
from typing import Self

import msgspec

NONCE_BYTES, TAG_BYTES = 16, 16
# 16 MB and 50 ms, once per process: an API key may have been chosen by a person, and scrypt makes
# guessing it expensive.
SCRYPT_COST, SCRYPT_BLOCK_SIZE = 2**14, 8


@lru_cache(maxsize=8)
def _derive_key(material: bytes) -> bytes:
    return hashlib.scrypt(
        material, salt=b"trophycase", n=SCRYPT_COST, r=SCRYPT_BLOCK_SIZE, p=1, dklen=64
    )


class Cipher:
    """Authenticated encryption of values, and keyed hashes of names.

    Processes with the same secrets derive the same key. Values are encrypted with SHAKE-256 of key
    and nonce as the key stream, and authenticated together with their name by keyed BLAKE2.
    """

    def __init__(self, key: bytes) -> None:
        self._name_key, self._stream_key, self._tag_key = (
            hashlib.blake2b(purpose, key=key, digest_size=32).digest()
            for purpose in (b"names", b"stream", b"tags")
        )

    @classmethod
    def from_settings(cls, secrets: Iterable[str]) -> Self:
        """Create the cipher of a server from its secrets, some of which may be weak."""
        return cls(_derive_key(msgspec.msgpack.encode(sorted(set(secrets)))))

    @classmethod
    def from_token(cls, token: str) -> Self:
        """Create a cipher from a long random secret, which needs no key stretching."""
        return cls(hashlib.blake2b(token.encode()).digest())

    def hash_name(self, *parts: str) -> str:
        """Return a keyed hash: the same for the same parts and key, and not reversible."""
        content = msgspec.msgpack.encode(parts)
        return hashlib.blake2b(content, key=self._name_key, digest_size=16).hexdigest()

    def encrypt(self, name: str, content: bytes) -> bytes:
        """Encrypt a value that is stored under a name."""
        nonce = os.urandom(NONCE_BYTES)
        ciphertext = self._apply_keystream(nonce, content)
        return nonce + self._compute_tag(name, nonce + ciphertext) + ciphertext

    def decrypt(self, name: str, encrypted: bytes) -> bytes | None:
        """Decrypt a value; None if it was not encrypted under this name with this key."""
        nonce, tag, ciphertext = (
            encrypted[:NONCE_BYTES],
            encrypted[NONCE_BYTES : NONCE_BYTES + TAG_BYTES],
            encrypted[NONCE_BYTES + TAG_BYTES :],
        )
        if not hmac.compare_digest(tag, self._compute_tag(name, nonce + ciphertext)):
            return None
        return self._apply_keystream(nonce, ciphertext)

    def _apply_keystream(self, nonce: bytes, content: bytes) -> bytes:
        size = len(content)
        keystream = hashlib.shake_256(self._stream_key + nonce).digest(size)
        return (int.from_bytes(content) ^ int.from_bytes(keystream)).to_bytes(size)

    def _compute_tag(self, name: str, content: bytes) -> bytes:
        # The length keeps a byte of the name from counting as one of the content.
        message = len(name).to_bytes(2) + name.encode() + content
        return hashlib.blake2b(message, key=self._tag_key, digest_size=TAG_BYTES).digest()
