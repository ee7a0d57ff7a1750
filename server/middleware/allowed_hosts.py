"""Under which names a server without keys is asked.

On loopback nobody needs a key, and a browser asks for any page: one that has its own name lead to
this machine would be of the same origin, and read everything. The name is in `Host` all the same.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.types import Scope

from server.middleware.request_checks import Refusal
from server.settings import Settings, is_loopback

ALWAYS_OPEN = frozenset({"/livez", "/readyz"})
HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\[\]:@/?#]+?)\.?)(?::\d*)?")
STRANGER = Refusal(
    403,
    "Without API keys this server is asked as localhost, or under the host of"
    " TROPHYCASE_PUBLIC_URL when that is set.",
    "FORBIDDEN",
)


@dataclass(frozen=True)
class Hosts:
    """The names of this server; with keys, any."""

    needed: bool
    public: str

    @classmethod
    def of(cls, settings: Settings) -> "Hosts":
        """Those of a server with these settings."""
        public = urlsplit(settings.public_url).hostname or ""
        return cls(not settings.api_keys, public.removesuffix("."))

    def refusal(self, scope: Scope) -> Refusal | None:
        """Why a request is not for this server; None for one that is."""
        if not self.needed or scope["path"] in ALWAYS_OPEN:
            return None
        given = next((value for name, value in scope["headers"] if name == b"host"), b"")
        match = HOST.fullmatch(given.decode("latin-1").strip(" \t").lower())
        name = match and (match[1] or match[2])
        return None if name and (is_loopback(name) or name == self.public) else STRANGER


ANY = Hosts(needed=False, public="")
