"""Origin of a request: other sites' pages, and forwarding headers of peers that are not trusted.

A browser says which page sends a request or opens a WebSocket. A page of another site must not
reach the operator's accounts, so its requests are rejected unless `TROPHYCASE_CORS_ORIGINS` lists
the site. Pages on loopback may call the sandbox, whose accounts are invented.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from schema.sandbox_addresses import IMAGES_PATH, PROFILES_PATH
from server.middleware.cors import AllowedOrigins
from server.middleware.rejection_log import RejectionLog
from server.middleware.request_checks import (
    EXEMPT_PATHS,
    Headers,
    Rejection,
    get_header_values,
    send_rejection,
)
from server.public_url import get_public_url
from server.setting_values import is_loopback, parse_address
from server.settings import Settings

FOREIGN_SITES = frozenset({b"cross-site", b"same-site"})
# Among names with a line each.
ORIGIN_HEADER = re.compile(rb"^(?:origin|sec-fetch-site)$", re.MULTILINE)
FORWARDING_HEADER = re.compile(rb"^(?:(?:forwarded|x-real-ip|via)$|x-forwarded-)", re.MULTILINE)
# What the operator has made public may be shown, linked and read by any page.
PUBLIC_PREFIX = "/@"
# The pages that links of other sites may lead to.
PAGE_PATHS = frozenset({"/", "/graphql", "/graphql/"})
DOCUMENTS_PREFIX = "/graphql/"

FOREIGN_ORIGIN = Rejection(
    403,
    "Requests of other sites' pages are rejected, unless TROPHYCASE_CORS_ORIGINS lists the site.",
    "FORBIDDEN",
    setting="TROPHYCASE_CORS_ORIGINS",
)
UNTRUSTED_PEER = Rejection(
    403,
    "Forwarded requests are rejected. Without API keys the proxy must be listed in"
    " TROPHYCASE_TRUSTED_PROXIES.",
    "FORBIDDEN",
    setting="TROPHYCASE_TRUSTED_PROXIES",
)


@dataclass(frozen=True)
class TrustedPeers:
    """The proxies whose forwarding headers are believed."""

    settings: Settings
    _networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = field(init=False)

    def __post_init__(self) -> None:
        networks = [
            ipaddress.ip_network(each, strict=False) for each in self.settings.trusted_proxies
        ]
        object.__setattr__(self, "_networks", networks)

    def check(self, scope: Scope) -> Rejection | None:
        """Return the rejection of a request that another peer forwards to a server without keys.

        Such a proxy may let everybody in, under a `Host` that this server accepts.
        """
        is_trusted = bool(self._networks) and self._trusts(scope)
        scope.setdefault("state", {})["is_peer_trusted"] = is_trusted
        is_needed = not (self.settings.api_keys or self.settings.is_open)
        if not is_needed or is_trusted or scope["path"] in EXEMPT_PATHS:
            return None
        return UNTRUSTED_PEER if _is_forwarded(scope["headers"]) else None

    def _trusts(self, scope: Scope) -> bool:
        peer = parse_address((scope.get("client") or ("",))[0])
        mapped = getattr(peer, "ipv4_mapped", None) or peer
        return mapped is not None and any(mapped in network for network in self._networks)


@dataclass(frozen=True)
class OriginCheck:
    """Middleware that rejects requests of other sites' pages."""

    app: ASGIApp
    settings: Settings
    origins: AllowedOrigins
    rejection_log: RejectionLog
    is_public_document: Callable[[str], bool] = lambda _name: False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        rejection = self.check(scope) if scope["type"] in ("http", "websocket") else None
        if rejection is None:
            await self.app(scope, receive, send)
            return
        self.rejection_log.note(rejection, scope)
        await send_rejection(rejection, "", scope, send)

    def check(self, scope: Scope) -> Rejection | None:
        """Return the rejection of a request; None for one that may come from there."""
        headers, path = scope["headers"], scope["path"]
        if ORIGIN_HEADER.search(_join_names(headers)) is None:
            return None
        if path in EXEMPT_PATHS or _is_public(scope) or self._is_invented(path):
            return None
        origins = get_header_values(headers, b"origin")
        if origins:
            is_known = all(self._is_known(each.decode("latin-1"), scope) for each in origins)
            return None if is_known else FOREIGN_ORIGIN
        sites = get_header_values(headers, b"sec-fetch-site")
        is_foreign = any(site.lower() in FOREIGN_SITES for site in sites)
        return FOREIGN_ORIGIN if is_foreign and not self._is_visit(scope, headers) else None

    def _is_visit(self, scope: Scope, headers: Headers) -> bool:
        """Return whether a person follows a link to a page, or to what everyone may see."""
        path = scope["path"]
        is_page = path in PAGE_PATHS and not scope.get("query_string")
        is_public = path.startswith(DOCUMENTS_PREFIX) and self.is_public_document(
            path.removeprefix(DOCUMENTS_PREFIX)
        )
        return (is_page or is_public) and _is_navigation(scope, headers)

    def _is_invented(self, path: str) -> bool:
        places = (f"{IMAGES_PATH}/", f"{PROFILES_PATH}/")
        return self.settings.sandbox and path.startswith(places)

    def _is_known(self, origin: str, scope: Scope) -> bool:
        return self.origins.includes(origin) or self._is_own(origin, scope)

    def _is_own(self, origin: str, scope: Scope) -> bool:
        """Return whether an origin is this server's: its public address, or the one it was sent to.

        A name in `Host` counts on loopback and from a trusted proxy alone: a page may choose it.
        """
        text = origin.lower()
        parts = urlsplit(get_public_url(self.settings, scope))
        if text == f"{parts.scheme}://{parts.netloc}".lower():
            return True
        host = b",".join(get_header_values(scope["headers"], b"host")).decode("latin-1").lower()
        name = (urlsplit(f"//{host}").hostname or "").removesuffix(".")
        is_sent_to = text in (f"http://{host}", f"https://{host}")
        is_peer_trusted = scope.get("state", {}).get("is_peer_trusted", False)
        return is_sent_to and (_is_address(name) or is_peer_trusted or self.settings.is_open)


def _is_public(scope: Scope) -> bool:
    return scope["path"].startswith(PUBLIC_PREFIX) and scope.get("method") in ("GET", "HEAD")


def _is_address(name: str) -> bool:
    return is_loopback(name) or parse_address(name) is not None


def _is_forwarded(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return FORWARDING_HEADER.search(_join_names(headers)) is not None


def _join_names(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    return b"\n".join([name for name, _ in headers]).lower()


def _is_navigation(scope: Scope, headers: Headers) -> bool:
    """Return whether a browser opens an address in a tab of its own."""
    destinations = get_header_values(headers, b"sec-fetch-dest")
    return (
        scope.get("method") == "GET"
        and get_header_values(headers, b"sec-fetch-mode") == [b"navigate"]
        and destinations in ([], [b"document"])  # a page in a frame is none
    )
