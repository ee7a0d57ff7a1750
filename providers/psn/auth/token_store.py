"""Tokens, the file that stores the operator's, and the store that processes share."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from msgspec import Struct

from providers.kit.shared.encryption import Cipher
from providers.kit.shared.shared_store import SharedStore
from providers.kit.state_directory import StateDirectory

REFRESH_LEAD_SECONDS, REFRESH_LEAD_SHARE = 300.0, 0.2
FILE_NAME = "psn.json"


class Tokens(Struct, frozen=True, kw_only=True):
    """An access token and the refresh token it came with; times are Unix seconds."""

    access: str
    expires_at: float
    lifetime: float
    refresh: str | None = None
    refresh_expires_at: float | None = None

    def __repr__(self) -> str:
        """Hide the tokens from logs and error messages."""
        return "Tokens()"

    def is_usable(self, now: float) -> bool:
        """Return whether the access token has not expired."""
        return now < self.expires_at

    def is_refresh_due(self, now: float) -> bool:
        """Return whether to refresh: 5 minutes before the end, after 80 % of a short lifetime."""
        return now >= self.expires_at - min(
            REFRESH_LEAD_SECONDS, REFRESH_LEAD_SHARE * self.lifetime
        )

    def get_live_refresh_token(self, now: float) -> str | None:
        """Return the refresh token unless it has expired."""
        has_expired = self.refresh_expires_at is not None and now >= self.refresh_expires_at
        return None if has_expired else self.refresh


class StoredTokens(Struct, frozen=True, kw_only=True):
    """The content of the file; `configured` is the digest of the settings at the sign-in."""

    tokens: Tokens
    configured: str


@dataclass(frozen=True)
class TokenFile:
    """The operator's tokens in the state directory, readable by this user alone.

    Tokens that were obtained under other settings belong to another account and are not used.
    """

    folder: Path
    settings_digest: str

    def load(self) -> Tokens | None:
        """Return the stored tokens, or None if there are none for the present settings.

        Raises `ValueError` if another user could have written them.
        """
        try:
            content = StateDirectory(self.folder).read(FILE_NAME)
            stored = None if content is None else msgspec.json.decode(content, type=StoredTokens)
        except (OSError, msgspec.MsgspecError, UnicodeError):
            return None
        return stored.tokens if stored and stored.configured == self.settings_digest else None

    def save(self, tokens: Tokens) -> None:
        """Replace the stored tokens in one step, so that no reader finds half of them."""
        content = msgspec.json.encode(StoredTokens(tokens=tokens, configured=self.settings_digest))
        StateDirectory(self.folder).write(FILE_NAME, content)


@dataclass(frozen=True)
class SharedTokens:
    """Tokens in Redis for all processes and machines of a server, until they expire.

    They are encrypted with the NPSSO of the sign-in, so that reading them requires the credential.
    """

    shared_store: SharedStore
    scope: str
    npsso: str = field(repr=False)

    async def load(self) -> Tokens | None:
        """Return the tokens that a process stored last, or None if they cannot be decrypted."""
        name = self._build_key()
        encrypted = await self.shared_store.get(name)
        content = (
            None if encrypted is None else Cipher.from_token(self.npsso).decrypt(name, encrypted)
        )
        try:
            return None if content is None else msgspec.msgpack.decode(content, type=Tokens)
        except msgspec.MsgspecError:
            return None

    async def save(self, tokens: Tokens, ttl_seconds: float) -> None:
        """Store tokens for `ttl_seconds`."""
        name = self._build_key()
        encrypted = Cipher.from_token(self.npsso).encrypt(name, msgspec.msgpack.encode(tokens))
        await self.shared_store.set(name, encrypted, ttl_seconds)

    def _build_key(self) -> str:
        return self.shared_store.build_key("tokens", self.scope)


def compute_settings_digest(client_id: str, npsso: str | None) -> str:
    """Return a hash of the settings that decide which account the operator signs in to."""
    return hashlib.sha256(f"{client_id}\0{npsso or ''}".encode()).hexdigest()
