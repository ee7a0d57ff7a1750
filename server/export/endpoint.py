"""The route `/export`: an export as a stream, which ends early if something cannot be read."""

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from providers.errors import BadInput, Forbidden, ProviderError
from resolvers.context import AccountRef, ResolverContext, Viewer
from resolvers.loaders import Loaders
from resolvers.user import validate_accounts
from schema.sandbox_addresses import build_sandbox_address
from server.authentication import Authenticator, get_client_address
from server.concurrency_limit import ConcurrencyLimit
from server.export.accounts import parse_account
from server.export.exporter import Exporter, ExportFailure
from server.export.rows import CSV, FORMATS, JSON_LINES, encode_header
from server.graphql_request import build_error_response
from server.middleware.request_guard import ResponseAborted
from server.public_url import get_public_url
from server.request_error import RequestRejected
from server.settings import Settings
from server.start_operation import start_operation

log = logging.getLogger(__name__)

MAX_CONCURRENT_EXPORTS = 4
MEDIA_TYPES = {JSON_LINES: "application/jsonl", CSV: "text/csv; charset=utf-8"}


@dataclass(frozen=True)
class ExportEndpoint:
    """The endpoint of the route; the parameters are `format` and, repeated, `account`."""

    authenticator: Authenticator
    settings: Settings
    limit: ConcurrencyLimit = field(
        default_factory=lambda: ConcurrencyLimit(MAX_CONCURRENT_EXPORTS, MAX_CONCURRENT_EXPORTS)
    )

    async def __call__(self, request: Request) -> Response:
        """Return the stream, or a JSON error if not even the first title can be read."""
        try:
            exporter = self._open_exporter(request)
            rows = exporter.iterate()
            with self.limit.slot():
                first_rows = await anext(rows, b"")
        except (RequestRejected, ProviderError) as error:
            return build_error_response(RequestRejected.from_error(error))
        headers = {
            "Cache-Control": "private, no-store",
            "Content-Disposition": f'attachment; filename="trophycase.{exporter.form}"',
            "X-Content-Type-Options": "nosniff",
        }
        stream = self._stream(encode_header(exporter.form) + first_rows, rows)
        return StreamingResponse(stream, headers=headers, media_type=MEDIA_TYPES[exporter.form])

    def _open_exporter(self, request: Request) -> Exporter:
        caller = self.authenticator.authenticate(request.headers, get_client_address(request))
        context = start_operation(request, self.settings, caller)
        context.max_calls = None
        viewer = caller.viewer
        if viewer.access_error is not None:
            raise viewer.access_error
        if viewer.is_public:
            raise Forbidden("An export requires an API key with scope `read`.")
        accounts = _read_accounts(request, viewer)
        form = request.query_params.get("format", JSON_LINES)
        if form not in FORMATS:
            raise BadInput("format: must be jsonl or csv.", argument="format")
        exporter = Exporter(viewer, accounts, form, self.settings.deadline, on_failure=_raise)
        if self.settings.has_sandbox_addresses:
            public_url = get_public_url(self.settings, request.scope)
            exporter.map_icon_url = partial(build_sandbox_address, public_url=public_url)
        return exporter

    async def _stream(self, beginning: bytes, rows: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
        """Yield the rows; close the connection where a part could be taken for the whole."""
        with self.limit.slot():
            yield beginning
            async with aclosing(rows):
                try:
                    async for each in rows:
                        yield each
                except ProviderError as error:
                    log.warning("an export ends early: %s, %s", error.source, error.code)
                    raise ResponseAborted from None


def _read_accounts(request: Request, viewer: Viewer) -> tuple[AccountRef, ...]:
    texts = request.query_params.getlist("account")
    if not texts and viewer.accounts:
        return viewer.accounts
    try:
        accounts = [parse_account(text) for text in texts]
    except ValueError:
        message = "account: must be SOURCE:HANDLE, such as PSN:me."
        raise BadInput(message, argument="account") from None
    loaders = Loaders(viewer.clients, viewer.source_errors)
    return validate_accounts(ResolverContext(viewer, loaders), accounts)


def _raise(failure: ExportFailure) -> None:
    raise failure.error
