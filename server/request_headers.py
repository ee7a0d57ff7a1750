"""Headers of a request, read from the ASGI scope, which is faster than building all of them."""

from starlette.types import Scope


def get_header(scope: Scope, name: bytes) -> str:
    """Return a header's values, joined as RFC 9110 joins them; empty without one."""
    values = [value for each, value in scope["headers"] if each == name]
    return b", ".join(values).decode("latin-1") if values else ""
