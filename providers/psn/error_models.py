"""How the services say no."""

from providers.kit.upstream.decode import Int32, Model


class ServiceError(Model, kw_only=True):
    """The code is a service's base plus what went wrong."""

    code: Int32 | None = None
    message: str = ""


class ServiceErrorResponse(Model, kw_only=True):
    """The envelope of an error."""

    error: ServiceError | None = None
