"""The envelope of a persisted operation's answer."""

from msgspec import field

from providers.kit.upstream.decode import Int32, Model


class ErrorExtensions(Model, kw_only=True):
    """What newer answers repeat of an error."""

    code: str | None = None
    status_code: Int32 | None = field(name="statusCode", default=None)


class GraphqlError(Model, kw_only=True):
    """One error; `statusCode` tells what the service behind said, the HTTP status does not."""

    message: str = ""
    type: str | None = None
    status_code: Int32 | None = field(name="statusCode", default=None)
    extensions: ErrorExtensions | None = None

    @property
    def upstream_status(self) -> int | None:
        """The status of the service behind."""
        if self.status_code is None and self.extensions is not None:
            return self.extensions.status_code
        return self.status_code


class GraphqlErrorsResponse(Model, kw_only=True):
    """The errors alone, to be read before the data."""

    errors: list[GraphqlError] | None = None
