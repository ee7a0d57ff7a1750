"""This server's own address in responses."""

from starlette.types import Scope

from server.settings import Settings


def get_public_url(settings: Settings, scope: Scope) -> str:
    """Return `TROPHYCASE_PUBLIC_URL`, or else the address at which the request arrived.

    Without that setting, the middleware for trusted proxies may have replaced scheme and server.
    The `Host` header is never used: the client chooses it, and with it where links would lead.
    """
    if settings.public_url:
        return settings.public_url
    scheme = "https" if scope.get("scheme") in ("https", "wss") else "http"
    host, port = scope.get("server") or ("127.0.0.1", None)
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}:{port}" if port else f"{scheme}://{name}"
