"""Message resources: bytes with their content type, and nothing that runs as a page of ours."""

from dataclasses import dataclass

from providers.psn_records import PsnResourceContent
from starlette.requests import Request
from starlette.responses import Response

from providers.capabilities import HasMessages
from providers.errors import (
    BadInput,
    CallerUnauthenticated,
    Forbidden,
    Missing,
    NotConfigured,
    ProviderError,
    RateLimited,
    UpstreamFailed,
)
from providers.registry import Source
from resolvers.loaders import Loaders
from resolvers.message import conversations_forbidden
from schema.errors import build_extensions
from server import graphql_request as requests
from server.authentication import Authenticator
from server.concurrency_limit import ConcurrencyLimit
from server.request_error import RequestRejected
from server.settings import Settings
from server.start_operation import start_operation

# What a browser shows and cannot run. Anything else, SVG and HTML first of all, is a download.
INLINE_TYPES = frozenset(
    {
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        "audio/3gpp",
        "audio/aac",
        "audio/mp4",
        "audio/mpeg",
        "audio/ogg",
        "audio/wav",
        "video/3gpp",
        "video/mp4",
        "video/webm",
    }
)
SECURITY_HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}
STATUS_BY_ERROR: tuple[tuple[type[ProviderError], int], ...] = (
    (BadInput, 400),
    (CallerUnauthenticated, 401),
    (Forbidden, 403),
    (Missing, 404),
    (NotConfigured, 404),
    (RateLimited, 503),
    (UpstreamFailed, 502),
)


@dataclass(frozen=True)
class ResourceEndpoint:
    """The download route."""

    authenticator: Authenticator
    settings: Settings
    concurrency_limit: ConcurrencyLimit

    async def __call__(self, request: Request) -> Response:
        """The resource, or why not as JSON."""
        try:
            with self.concurrency_limit.slot():
                content = await self._fetch(request)
        except RequestRejected as refused:
            return requests.build_error_response(refused)
        except ProviderError as error:
            return requests.build_error_response(_to_rejection(error))
        return _build_download(content)

    async def _fetch(self, request: Request) -> PsnResourceContent:
        caller = self.authenticator.authenticate(request.headers)
        start_operation(request, self.settings, caller)
        client = Loaders(caller.viewer.clients, caller.viewer.source_errors).get_client(Source.PSN)
        if not isinstance(client, HasMessages):
            raise NotConfigured("The source has no messages.", source=Source.PSN.name)
        if not caller.viewer.has_own_credential(Source.PSN):
            raise conversations_forbidden(Source.PSN)
        group_id, resource_id = request.path_params["group"], request.path_params["resource"]
        client.check_group(group_id)
        client.check_resource(resource_id)
        return await client.get_resource(group_id, resource_id)


def _build_download(content: PsnResourceContent) -> Response:
    media_type = content.content_type.partition(";")[0].strip().lower()
    headers = {
        **SECURITY_HEADERS,
        "Content-Type": media_type if media_type in INLINE_TYPES else "application/octet-stream",
    }
    if media_type not in INLINE_TYPES:
        headers["Content-Disposition"] = "attachment"
    return Response(content.content, headers=headers)


def _to_rejection(error: ProviderError) -> RequestRejected:
    status = next((status for kind, status in STATUS_BY_ERROR if isinstance(error, kind)), 502)
    return RequestRejected(status, error.message, **build_extensions(error))
