"""How the services say no, and what else their answers share."""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from providers.kit.sandbox import Call, Reply
from providers.psn.sandbox.model import ENGLISH, GERMAN, Account, Text

Routes = list[tuple[str, str, Callable[[Call], Reply]]]

MOBILE = "m.np.playstation.com"
WEB = "web.np.playstation.com"
LEGACY = "us-prof.np.community.playstation.net"
PRIVATE = {"Cache-Control": "private"}
NEVER_STORED = {"Cache-Control": "max-age=0, no-cache, no-store"}


class RefusedError(Exception):
    """A route gives up; the reply says why."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


@dataclass(frozen=True)
class Service:
    """Error codes of one service: a base plus what went wrong."""

    base: int
    missing: int = 13
    referenced: bool = True

    def refuse(self, status: int, offset: int, message: str) -> RefusedError:
        error: dict[str, str | int] = {"code": self.base + offset, "message": message}
        if self.referenced:
            error = {"referenceId": str(uuid.uuid1()), **error}
        return RefusedError(Reply(status, {"error": error}, dict(PRIVATE)))

    def bad_request(self, what: str) -> RefusedError:
        return self.refuse(400, 1, f"Bad Request ({what})")

    def not_found(self, what: str = "") -> RefusedError:
        return self.refuse(404, self.missing, "Resource not found" + (f" ({what})" if what else ""))

    def not_permitted(self) -> RefusedError:
        return self.refuse(403, 14, "Not permitted by access control")

    def invalid_token(self) -> RefusedError:
        return self.refuse(401, 513, "Invalid token")


TROPHY = Service(2240512)
PROFILE = Service(2281472)
LOUNGE = Service(2285568)
LEGACY_PROFILE = Service(2105344, missing=12, referenced=False)
SEARCH = Service(2121728)
# Their bases were never seen; the rate-limit codes suggest this one.
OTHER = Service(2138112)


def number(
    call: Call, name: str, default: int, service: Service, *, most: int | None = None
) -> int:
    """A whole number from the query; `limit` starts at 1 and all else at 0."""
    given = call.query.get(name)
    if given is None:
        return default
    least = 1 if name == "limit" else 0
    if not given.isascii() or not given.isdigit() or int(given) < least:
        raise service.bad_request(f"query: {name}")
    if most is not None and int(given) > most:
        raise service.bad_request(f"query: {name}")
    return int(given)


def cursors(offset: int, shown: int, total: int) -> dict[str, int]:
    """`nextOffset` ends by being absent, and so does `previousOffset` on the first page."""
    found: dict[str, int] = {}
    if offset + shown < total:
        found["nextOffset"] = offset + shown
    if offset:
        found["previousOffset"] = offset - 1
    return found


def words(texts: Text, call: Call, account: Account | None = None) -> str:
    return texts[language(call, account)]


def language(call: Call, account: Account | None = None) -> str:
    """The first known language that was asked for, else the account's own, else English."""
    asked = call.headers.get("accept-language")
    if not asked:
        return GERMAN if account and account.languages[0].startswith("de") else ENGLISH
    for tag in sorted(asked.split(","), key=_weight, reverse=True):
        name = tag.partition(";")[0].strip().lower()
        if name.startswith("de"):
            return GERMAN
        if name.startswith("en"):
            return ENGLISH
    return ENGLISH


def _weight(tag: str) -> float:
    match = re.search(r";\s*q=([\d.]+)", tag)
    return float(match[1]) if match else 1.0
