"""An API key with its holder's handle: the operator's in settings, or a caller's in headers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from providers.errors import CallerUnauthenticated, Unauthenticated
from providers.kit.text import hash_credential, unwrap_pasted

NO_HANDLE = re.compile("")


@dataclass(frozen=True)
class KeyCredential:
    """A key of one source, and the account that its holder names as their own."""

    source: str
    own_handle: str
    key: str = field(repr=False)
    is_caller: bool = False

    @property
    def scope(self) -> str:
        """Return the credential's name in caches and rate limiters.

        The key alone decides what may be seen, so the handle is no part of it.
        """
        return hash_credential(self.source, self.key)

    def build_rejection(self) -> Unauthenticated:
        """Build the error of a key that the source does not accept."""
        if self.is_caller:
            message = "The source does not accept the API key of this request."
            return CallerUnauthenticated(message, source=self.source)
        message = "The source does not accept the configured API key."
        return Unauthenticated(message, source=self.source)


@dataclass(frozen=True)
class KeyCredentialReader:
    """The names under which a source's credential is sent, and the patterns of its parts."""

    source: str
    key_setting: str
    key_header: str
    key_pattern: re.Pattern[str]
    # Without these names, the source knows whose the key is.
    handle_setting: str = ""
    handle_header: str = ""
    handle_pattern: re.Pattern[str] = NO_HANDLE
    # Whether the operator's key is of use without a handle.
    is_handle_optional: bool = False

    @property
    def headers(self) -> frozenset[str]:
        """Return the names of the request headers."""
        return frozenset({self.handle_header, self.key_header} - {""})

    def read_settings(self, settings: Mapping[str, str]) -> KeyCredential | None:
        """Return the operator's credential; None when it is not configured.

        A `ValueError` names a malformed setting, and does not show its value.
        """
        handle, key = settings.get(self.handle_setting, ""), settings[self.key_setting]
        if handle and self.handle_pattern.fullmatch(handle) is None:
            raise ValueError(f"{self.handle_setting} is malformed.")
        if key and self.key_pattern.fullmatch(key) is None:
            raise ValueError(f"{self.key_setting} is malformed.")
        if not key or not (handle or self.is_handle_optional or not self.handle_setting):
            return None
        return KeyCredential(self.source, handle, key)

    def read_headers(self, headers: Mapping[str, str]) -> KeyCredential | None:
        """Return the caller's credential; None when none of its headers is sent.

        An incomplete or malformed one is `CallerUnauthenticated`, never the operator's.
        """
        if not any(name in headers for name in self.headers):
            return None
        handle = ""
        if self.handle_header:
            handle = self._read_header(headers, self.handle_header, self.handle_pattern)
        key = self._read_header(headers, self.key_header, self.key_pattern)
        return KeyCredential(self.source, handle, key, is_caller=True)

    def _read_header(self, headers: Mapping[str, str], name: str, pattern: re.Pattern[str]) -> str:
        value = unwrap_pasted(headers.get(name, ""))
        if pattern.fullmatch(value) is None:
            problem = "malformed" if value else "missing"
            raise CallerUnauthenticated(f"The header {name} is {problem}.", source=self.source)
        return value
