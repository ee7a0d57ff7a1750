"""Errors, paging and languages, as the services share them."""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from providers.kit.sandbox import SandboxRequest, SandboxResponse
from providers.psn.sandbox.models import ENGLISH, GERMAN, Account, LocalizedText

Routes = list[tuple[str, str, Callable[[SandboxRequest], SandboxResponse]]]

MOBILE_HOST = "m.np.playstation.com"
WEB_HOST = "web.np.playstation.com"
LEGACY_HOST = "us-prof.np.community.playstation.net"
PRIVATE_HEADERS = {"Cache-Control": "private"}
NO_STORE_HEADERS = {"Cache-Control": "max-age=0, no-cache, no-store"}


class ApiError(Exception):
    """Ends a route with an error response."""

    def __init__(self, response: SandboxResponse) -> None:
        super().__init__(response.status)
        self.response = response


@dataclass(frozen=True)
class ErrorCodes:
    """Error codes of one service: its base plus an offset that all services share."""

    base: int
    not_found_offset: int = 13
    has_reference_id: bool = True

    def build_error(self, status: int, offset: int, message: str) -> ApiError:
        error: dict[str, str | int] = {"code": self.base + offset, "message": message}
        if self.has_reference_id:
            error = {"referenceId": str(uuid.uuid1()), **error}
        return ApiError(SandboxResponse(status, {"error": error}, dict(PRIVATE_HEADERS)))

    def build_bad_request(self, location: str) -> ApiError:
        return self.build_error(400, 1, f"Bad Request ({location})")

    def build_not_found(self, location: str = "") -> ApiError:
        return self.build_error(
            404,
            self.not_found_offset,
            "Resource not found" + (f" ({location})" if location else ""),
        )

    def build_not_permitted(self) -> ApiError:
        return self.build_error(403, 14, "Not permitted by access control")

    def build_invalid_token(self) -> ApiError:
        return self.build_error(401, 513, "Invalid token")


TROPHY_ERRORS = ErrorCodes(2240512)
PROFILE_ERRORS = ErrorCodes(2281472)
MESSAGE_ERRORS = ErrorCodes(2285568)
LEGACY_PROFILE_ERRORS = ErrorCodes(2105344, not_found_offset=12, has_reference_id=False)
SEARCH_ERRORS = ErrorCodes(2121728)
# The base of these services is unknown; their rate-limit codes suggest this one.
OTHER_ERRORS = ErrorCodes(2138112)


def parse_number(
    request: SandboxRequest,
    name: str,
    default: int,
    errors: ErrorCodes,
    *,
    maximum: int | None = None,
) -> int:
    """Return a whole number of the query; the minimum is 1 for `limit` and 0 for others."""
    value = request.query.get(name)
    if value is None:
        return default
    minimum = 1 if name == "limit" else 0
    if not value.isascii() or not value.isdigit() or int(value) < minimum:
        raise errors.build_bad_request(f"query: {name}")
    if maximum is not None and int(value) > maximum:
        raise errors.build_bad_request(f"query: {name}")
    return int(value)


def build_page_offsets(offset: int, row_count: int, total: int) -> dict[str, int]:
    """Build the offsets; the last page has no `nextOffset`, the first no `previousOffset`."""
    offsets: dict[str, int] = {}
    if offset + row_count < total:
        offsets["nextOffset"] = offset + row_count
    if offset:
        offsets["previousOffset"] = offset - 1
    return offsets


def translate(texts: LocalizedText, request: SandboxRequest, account: Account | None = None) -> str:
    return texts[negotiate_language(request, account)]


def negotiate_language(request: SandboxRequest, account: Account | None = None) -> str:
    """Return the best language of the header, else the account's own, else English."""
    accepted = request.headers.get("accept-language")
    if not accepted:
        return GERMAN if account and account.languages[0].startswith("de") else ENGLISH
    for tag in sorted(accepted.split(","), key=_parse_quality, reverse=True):
        name = tag.partition(";")[0].strip().lower()
        if name.startswith("de"):
            return GERMAN
        if name.startswith("en"):
            return ENGLISH
    return ENGLISH


def _parse_quality(tag: str) -> float:
    match = re.search(r";\s*q=([\d.]+)", tag)
    return float(match[1]) if match else 1.0
