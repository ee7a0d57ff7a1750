"""What leaves the process is named and sealed with a key that all processes of a server have."""

import hashlib
import hmac
import os
from collections.abc import Iterable
from functools import lru_cache
from typing import Self

import msgspec

NONCE, TAG = 16, 16
# About 16 MB and 50 ms, once: API keys may have been chosen by a person.
COST, BLOCK = 2**14, 8


@lru_cache(maxsize=8)
def _master(material: bytes) -> bytes:
    return hashlib.scrypt(material, salt=b"trophycase", n=COST, r=BLOCK, p=1, dklen=64)


class Seal:
    """Names that cannot be led back, and contents that only this server can read or have written.

    The key comes out of secrets, so that processes with the same settings agree on it without a
    word. Contents are encrypted with the output of SHAKE-256 keyed by a nonce, and authenticated
    together with their name by BLAKE2.
    """

    def __init__(self, master: bytes) -> None:
        self._names, self._stream, self._tags = (
            hashlib.blake2b(purpose, key=master, digest_size=32).digest()
            for purpose in (b"names", b"stream", b"tags")
        )

    @classmethod
    def of_settings(cls, secrets: Iterable[str]) -> Self:
        """The seal of a server: some of its secrets may have been chosen by a person."""
        return cls(_master(msgspec.msgpack.encode(sorted(set(secrets)))))

    @classmethod
    def of_token(cls, token: str) -> Self:
        """The seal of one who holds a secret that was drawn at random."""
        return cls(hashlib.blake2b(token.encode()).digest())

    def name(self, *parts: str) -> str:
        """A name made of parts: the same for the same parts, for this server alone."""
        content = msgspec.msgpack.encode(parts)
        return hashlib.blake2b(content, key=self._names, digest_size=16).hexdigest()

    def close(self, name: str, content: bytes) -> bytes:
        """Encrypt what is stored under a name."""
        nonce = os.urandom(NONCE)
        hidden = self._masked(nonce, content)
        return nonce + self._tag(name, nonce + hidden) + hidden

    def open(self, name: str, sealed: bytes) -> bytes | None:
        """Decrypt what was stored under a name; None when it was not stored by this server."""
        nonce, tag, hidden = sealed[:NONCE], sealed[NONCE : NONCE + TAG], sealed[NONCE + TAG :]
        if not hmac.compare_digest(tag, self._tag(name, nonce + hidden)):
            return None
        return self._masked(nonce, hidden)

    def _masked(self, nonce: bytes, content: bytes) -> bytes:
        size = len(content)
        mask = hashlib.shake_256(self._stream + nonce).digest(size)
        return (int.from_bytes(content) ^ int.from_bytes(mask)).to_bytes(size)

    def _tag(self, name: str, content: bytes) -> bytes:
        named = len(name).to_bytes(2) + name.encode() + content
        return hashlib.blake2b(named, key=self._tags, digest_size=TAG).digest()
