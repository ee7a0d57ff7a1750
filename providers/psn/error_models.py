"""How the services say no."""

from providers.kit.upstream.decode import Model, Whole


class Fault(Model, kw_only=True):
    """The code is a service's base plus what went wrong."""

    code: Whole | None = None
    message: str = ""


class FaultEnvelope(Model, kw_only=True):
    """The envelope of an error."""

    error: Fault | None = None
