"""Tokens, the file that stores the operator's, and the store that processes share."""

import hashlib
import secrets
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
    """The content of the file: tokens and what they were obtained with.

    `client` is the hash of the OAuth client, `configured` that of the client and the NPSSO.
    `sign_in_id` is drawn at each `psn login`, and kept by the tokens that follow.
    """

    tokens: Tokens
    configured: str
    client: str = ""
    sign_in_id: str = ""

    @property
    def person_id(self) -> str:
        """The id of the sign-in; without one, what it was obtained with."""
        return self.sign_in_id or self.configured


@dataclass
class TokenFile:
    """The operator's tokens in the state directory, readable by this user alone.

    Tokens of another OAuth client cannot be refreshed, and those of another NPSSO belong to another
    account. Both are not used, but without an NPSSO in the settings the stored sign-in counts,
    whatever NPSSO it was obtained with.

    A running process goes on with one sign-in: `sign_in_id`, None until one was found. Tokens of a
    later one belong to another person, so they are neither used nor replaced.
    """

    folder: Path
    client_id: str = field(repr=False)
    sign_in_id: str | None = field(default=None, repr=False)
    _origin: str = field(default="", repr=False)  # `configured` of the tokens loaded last

    def load(self, npsso: str | None) -> Tokens | None:
        """Return the stored tokens, or None if there are none for this NPSSO.

        Raise `ValueError` if another user could have written them.
        """
        stored = self._read(npsso)
        if stored is None or not (npsso or self._is_same_sign_in(stored)):
            return None
        self._origin = stored.configured
        if not npsso:
            self.sign_in_id = stored.person_id
        return stored.tokens

    def read_sign_in_id(self) -> str:
        """Return the id of the stored sign-in, empty if there is none; `ValueError` as `load`."""
        stored = self._read(None)
        return "" if stored is None else stored.person_id

    def get_version(self) -> tuple[int, ...]:
        """Return what changes when the file is replaced; empty if there is none."""
        try:
            status = (self.folder / FILE_NAME).stat(follow_symlinks=False)
        except OSError:
            return ()
        return (status.st_ino, status.st_mtime_ns, status.st_size)

    def start_sign_in(self) -> None:
        """Begin another sign-in, whose tokens replace those of any other."""
        self.sign_in_id = secrets.token_hex(16)

    def save(self, tokens: Tokens, npsso: str | None) -> None:
        """Replace the stored tokens in one step, so that no reader finds half of them.

        Without an NPSSO they are the successors of the tokens loaded last, and do not replace
        those of another sign-in.
        """
        stored = None if npsso else self._read(None)
        if stored is not None and not self._is_same_sign_in(stored):
            return
        client = _compute_digest(self.client_id)
        origin = _compute_digest(self.client_id, npsso) if npsso else self._origin or client
        stored = StoredTokens(
            tokens=tokens, configured=origin, client=client, sign_in_id=self.sign_in_id or ""
        )
        StateDirectory(self.folder).write(FILE_NAME, msgspec.json.encode(stored))
        if not npsso:
            self.sign_in_id = stored.person_id

    def _read(self, npsso: str | None) -> StoredTokens | None:
        try:
            content = StateDirectory(self.folder).read(FILE_NAME)
            stored = None if content is None else msgspec.json.decode(content, type=StoredTokens)
        except (OSError, msgspec.MsgspecError, UnicodeError):
            return None
        wanted = _compute_digest(self.client_id, npsso)
        origins = () if stored is None else (stored.configured, "" if npsso else stored.client)
        return stored if wanted in origins else None

    def _is_same_sign_in(self, stored: StoredTokens) -> bool:
        return self.sign_in_id in (None, stored.person_id)


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


def _compute_digest(client_id: str, npsso: str | None = None) -> str:
    return hashlib.sha256(f"{client_id}\0{npsso or ''}".encode()).hexdigest()
