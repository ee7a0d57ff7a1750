"""Log of requests that a setting would let in, so that their operator finds its name."""

import logging
import re
import time
from collections import Counter
from dataclasses import dataclass, field

from starlette.types import Scope

from server.middleware.request_checks import Rejection, get_header_values

log = logging.getLogger("trophycase.requests")

# Anyone can cause such lines, so there is one per setting and minute.
SECONDS_BETWEEN_LINES = 60.0
KINDS = {
    "TROPHYCASE_CORS_ORIGINS": "origin",
    "TROPHYCASE_PUBLIC_URL": "host",
    "TROPHYCASE_TRUSTED_PROXIES": "address",
}
HEADERS = {"origin": b"origin", "host": b"host"}
SHOWN = re.compile(r"[\w.:/\[\]-]{1,120}", re.ASCII)


@dataclass
class RejectionLog:
    """Writes which setting would let a rejected request in, and what it would have to list."""

    _next_line_at: dict[str, float] = field(default_factory=dict[str, float])
    _left_out: Counter[str] = field(default_factory=Counter[str])

    def note(self, rejection: Rejection, scope: Scope) -> None:
        """Write a line about a rejection that a setting can prevent, or count it for the next."""
        setting, now = rejection.setting, time.monotonic()
        if not setting:
            return
        if now < self._next_line_at.get(setting, now):
            self._left_out[setting] += 1
            return
        self._next_line_at[setting] = now + SECONDS_BETWEEN_LINES
        count = self._left_out.pop(setting, 0)
        more = f" (and {count} more since the last line)" if count else ""
        missing = _describe(scope, setting)
        log.warning("rejected a request: %s does not have its %s%s", setting, missing, more)


def _describe(scope: Scope, setting: str) -> str:
    """Return what the setting would have to list; a text that cannot be that is left out."""
    kind = KINDS[setting]
    if kind == "address":
        text = str((scope.get("client") or ("",))[0])
    else:
        values = get_header_values(scope["headers"], HEADERS[kind])
        text = values[0].decode("latin-1") if values else ""
    return f"{kind} {text}" if SHOWN.fullmatch(text) else kind
