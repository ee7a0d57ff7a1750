"""This server's own address in answers."""

from starlette.types import Scope

from server.settings import Settings


def get_public_url(settings: Settings, scope: Scope) -> str:
    """This server's own address in an answer: as set, else where the connection arrived.

    Never from a header: whoever writes one would choose where an answer's addresses lead.
    """
    if settings.public_url:
        return settings.public_url
    host, port = scope.get("server") or ("127.0.0.1", None)
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}" if port else f"http://{name}"
