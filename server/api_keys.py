"""API keys of callers, as `TROPHYCASE_API_KEYS` lists them."""

import re
from dataclasses import dataclass, field

READ, WRITE, METRICS, PUBLIC = "read", "write", "metrics", "public"
SCOPES = frozenset({READ, WRITE, METRICS, PUBLIC})
MIN_KEY_LENGTH = 16  # characters
# Keys may be on lines of their own, as in a block of YAML or a mounted secret.
SEPARATOR = re.compile(r"[\s,;]+")
BLANKS_AROUND_JOINT = re.compile(r"\s*([:+])\s*")
VISIBLE_ASCII = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True)
class ApiKey:
    """A caller's key, with the caller's name and the scopes it grants."""

    name: str
    key: str = field(repr=False)
    scopes: frozenset[str]

    def grants(self, scope: str) -> bool:
        """Return whether the key has a scope; `read` includes `public` and `metrics`."""
        return scope in self.scopes or (READ in self.scopes and scope in (PUBLIC, METRICS))


def parse_api_keys(text: str) -> tuple[ApiKey, ...]:
    """Parse `name:key:scope` entries, separated by commas, semicolons or blanks.

    Raise `ValueError` for a malformed entry, and for a name or a key that occurs twice.
    """
    entries = SEPARATOR.split(BLANKS_AROUND_JOINT.sub(r"\1", text))
    unquoted = (entry.strip("\"'") for entry in entries)
    keys = tuple(_parse_api_key(entry) for entry in unquoted if entry)
    if text and not keys:
        raise ValueError("must have at least one name:key:scope")
    if len({key.name for key in keys}) != len(keys) or len({key.key for key in keys}) != len(keys):
        raise ValueError("must not have the same name or the same key twice")
    return keys


def _parse_api_key(entry: str) -> ApiKey:
    name, _, rest = entry.partition(":")
    key, _, scopes_text = rest.rpartition(":")
    scopes = frozenset(scopes_text.split("+"))
    if not name or not key or not scopes <= SCOPES:
        raise ValueError(
            "must be name:key:scope, with the scopes read, write, metrics or public, joined by +"
        )
    if VISIBLE_ASCII.fullmatch(key) is None:
        raise ValueError("a key must consist of visible ASCII characters, to fit in a header")
    if len(key) < MIN_KEY_LENGTH:
        raise ValueError(f"a key must have at least {MIN_KEY_LENGTH} characters")
    return ApiKey(name, key, scopes)
