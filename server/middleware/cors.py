"""Cross-origin resource sharing: which pages of other sites may send requests, and read what."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from providers.registry import CREDENTIAL_HEADERS
from server.settings import Settings

AddCors = Callable[[ASGIApp], ASGIApp]

# Where development servers of web applications listen.
LOOPBACK_ORIGIN = re.compile(
    r"https?://(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]{1,5})?"
)
ALLOWED_HEADERS = (
    "authorization",
    "cache-control",
    "content-type",
    # What Apollo's clients send: their name and version, and headers against CSRF.
    "apollographql-client-name",
    "apollographql-client-version",
    "apollo-require-preflight",
    "x-apollo-operation-name",
    # Tracing in browsers (W3C Trace Context), and request ids of the page's own.
    "traceparent",
    "tracestate",
    "x-request-id",
    *sorted(CREDENTIAL_HEADERS),
)
EXPOSED_HEADERS = ("Age", "ETag", "Retry-After", "X-Request-Id")
MAX_AGE_SECONDS = 600


@dataclass(frozen=True)
class AllowedOrigins:
    """The origins whose pages may send requests; pages on loopback, too, where `has_loopback`."""

    listed: frozenset[str] = frozenset()
    has_loopback: bool = False

    @classmethod
    def from_settings(cls, settings: Settings) -> "AllowedOrigins":
        """Allow the origins of `TROPHYCASE_CORS_ORIGINS`, and loopback in the sandbox."""
        return cls(frozenset(settings.cors_origins), settings.sandbox)

    def includes(self, origin: str) -> bool:
        """Return whether pages of this origin may send requests."""
        is_loopback = self.has_loopback and LOOPBACK_ORIGIN.fullmatch(origin) is not None
        return is_loopback or origin in self.listed


def prepare_cors(origins: AllowedOrigins) -> AddCors:
    """Return what makes the responses of an application readable for pages of these origins."""
    if origins == AllowedOrigins():
        return leave_without_cors
    return partial(
        CORSMiddleware,
        allow_origins=sorted(origins.listed),
        allow_origin_regex=LOOPBACK_ORIGIN.pattern if origins.has_loopback else None,
        allow_methods=["GET", "POST"],
        allow_headers=ALLOWED_HEADERS,
        expose_headers=EXPOSED_HEADERS,
        max_age=MAX_AGE_SECONDS,
    )


def leave_without_cors(app: ASGIApp) -> ASGIApp:
    """Return the application as it is: no other site's page may read its responses."""
    return app
