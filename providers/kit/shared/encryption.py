"""What leaves the process is named and sealed with a key that all processes of a server have."""

import hashlib
import hmac
import os
from collections.abc import Iterable
from functools import lru_cache
from typing import Self

import msgspec

NONCE_BYTES, TAG_BYTES = 16, 16
# About 16 MB and 50 ms, once: API keys may have been chosen by a person.
SCRYPT_COST, SCRYPT_BLOCK_SIZE = 2**14, 8


@lru_cache(maxsize=8)
def _derive_key(material: bytes) -> bytes:
    return hashlib.scrypt(
        material, salt=b"trophycase", n=SCRYPT_COST, r=SCRYPT_BLOCK_SIZE, p=1, dklen=64
    )


class Cipher:
    """Names that cannot be led back, and contents that only this server can read or have written.

    The key comes out of secrets, so that processes with the same settings agree on it without a
    word. Contents are encrypted with the output of SHAKE-256 keyed by a nonce, and authenticated
    together with their name by BLAKE2.
    """

    def __init__(self, key: bytes) -> None:
        self._name_key, self._stream_key, self._tag_key = (
            hashlib.blake2b(purpose, key=key, digest_size=32).digest()
            for purpose in (b"names", b"stream", b"tags")
        )

    @classmethod
    def from_settings(cls, secrets: Iterable[str]) -> Self:
        """The seal of a server: some of its secrets may have been chosen by a person."""
        return cls(_derive_key(msgspec.msgpack.encode(sorted(set(secrets)))))

    @classmethod
    def from_token(cls, token: str) -> Self:
        """The seal of one who holds a secret that was drawn at random."""
        return cls(hashlib.blake2b(token.encode()).digest())

    def hash_name(self, *parts: str) -> str:
        """A name made of parts: the same for the same parts, for this server alone."""
        content = msgspec.msgpack.encode(parts)
        return hashlib.blake2b(content, key=self._name_key, digest_size=16).hexdigest()

    def encrypt(self, name: str, content: bytes) -> bytes:
        """Encrypt what is stored under a name."""
        nonce = os.urandom(NONCE_BYTES)
        ciphertext = self._apply_keystream(nonce, content)
        return nonce + self._compute_tag(name, nonce + ciphertext) + ciphertext

    def decrypt(self, name: str, encrypted: bytes) -> bytes | None:
        """Decrypt what was stored under a name; None when it was not stored by this server."""
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
        mask = hashlib.shake_256(self._stream_key + nonce).digest(size)
        return (int.from_bytes(content) ^ int.from_bytes(mask)).to_bytes(size)

    def _compute_tag(self, name: str, content: bytes) -> bytes:
        named = len(name).to_bytes(2) + name.encode() + content
        return hashlib.blake2b(named, key=self._tag_key, digest_size=TAG_BYTES).digest()
