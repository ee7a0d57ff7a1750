"""Download of message resources, in a form that no browser renders as a page of this server."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from providers.capabilities import HasMessages
from providers.errors import NotConfigured, ProviderError
from providers.psn_records import PsnResourceContent
from providers.registry import Source
from resolvers.loaders import Loaders
from resolvers.message import conversations_forbidden
from server.authentication import Authenticator, get_client_address
from server.concurrency_limit import ConcurrencyLimit
from server.graphql_request import build_error_response
from server.request_error import RequestRejected
from server.settings import Settings
from server.start_operation import start_operation

# Types that a browser shows without running anything, unlike SVG and HTML. All others are sent as
# downloads.
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


@dataclass(frozen=True)
class ResourceEndpoint:
    """The endpoint of the download route."""

    authenticator: Authenticator
    settings: Settings
    concurrency_limit: ConcurrencyLimit

    async def __call__(self, request: Request) -> Response:
        """Return the resource's bytes, or a JSON error."""
        try:
            with self.concurrency_limit.slot():
                content = await self._fetch(request)
        except (RequestRejected, ProviderError) as error:
            return build_error_response(RequestRejected.from_error(error))
        return _build_download(content)

    async def _fetch(self, request: Request) -> PsnResourceContent:
        caller = self.authenticator.authenticate(request.headers, get_client_address(request))
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
