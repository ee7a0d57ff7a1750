"""Error responses of PSN's services."""

from providers.kit.upstream.decode import Int32, Model


class ServiceError(Model, kw_only=True):
    """An error: `code` is the service's base plus an offset that says what went wrong."""

    code: Int32 | None = None
    message: str = ""


class ServiceErrorResponse(Model, kw_only=True):
    """The body of an error response."""

    error: ServiceError | None = None
