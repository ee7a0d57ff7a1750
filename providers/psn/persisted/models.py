"""GraphQL errors in the responses to persisted operations."""

from msgspec import field

from providers.kit.upstream.decode import Int32, Model


class ErrorExtensions(Model, kw_only=True):
    """Details of an error; newer responses have the status here."""

    code: str | None = None
    status_code: Int32 | None = field(name="statusCode", default=None)


class GraphqlError(Model, kw_only=True):
    """A GraphQL error; `statusCode` is that of the service behind GraphQL, not the HTTP status."""

    message: str = ""
    type: str | None = None
    status_code: Int32 | None = field(name="statusCode", default=None)
    extensions: ErrorExtensions | None = None

    @property
    def upstream_status(self) -> int | None:
        """Return the HTTP status of the service behind GraphQL, or None if it is not given."""
        if self.status_code is None and self.extensions is not None:
            return self.extensions.status_code
        return self.status_code


class GraphqlErrorsResponse(Model, kw_only=True):
    """A response of which only the errors are read."""

    errors: list[GraphqlError] | None = None
