"""Tokens, the file that keeps the operator's, and where several processes have them in common."""

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
        """Nothing that opens anything."""
        return "Tokens()"

    def is_usable(self, now: float) -> bool:
        """Whether the access token is still good."""
        return now < self.expires_at

    def is_refresh_due(self, now: float) -> bool:
        """Whether it is time for the next: five minutes ahead, at four fifths of a short life."""
        return now >= self.expires_at - min(
            REFRESH_LEAD_SECONDS, REFRESH_LEAD_SHARE * self.lifetime
        )

    def get_live_refresh_token(self, now: float) -> str | None:
        """The refresh token while it lives."""
        has_expired = self.refresh_expires_at is not None and now >= self.refresh_expires_at
        return None if has_expired else self.refresh


class StoredTokens(Struct, frozen=True, kw_only=True):
    """What the file holds: tokens, and a mark of the settings they were got under."""

    tokens: Tokens
    configured: str


@dataclass(frozen=True)
class TokenFile:
    """The operator's tokens on disk, readable by this user alone.

    `configured` marks the settings: tokens got under other settings are not ours to use.
    """

    folder: Path
    settings_digest: str

    def load(self) -> Tokens | None:
        """Return the stored tokens; None when there are none to be used.

        Raise `ValueError` when others could have chosen them.
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
    """A sign-in that all processes and machines of a server have in common, while it is good.

    It is sealed with the NPSSO that it was got by: whoever can open it has no need to.
    """

    shared_store: SharedStore
    scope: str
    npsso: str = field(repr=False)

    async def load(self) -> Tokens | None:
        """The tokens that one of the processes has got last."""
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
        """Let the others find them for so many seconds."""
        name = self._build_key()
        encrypted = Cipher.from_token(self.npsso).encrypt(name, msgspec.msgpack.encode(tokens))
        await self.shared_store.set(name, encrypted, ttl_seconds)

    def _build_key(self) -> str:
        return self.shared_store.build_key("tokens", self.scope)


def compute_settings_digest(client_id: str, npsso: str | None) -> str:
    """Names the settings that tokens were got under, without a way back to them."""
    return hashlib.sha256(f"{client_id}\0{npsso or ''}".encode()).hexdigest()
