"""Message resources: bytes with their content type, and nothing that runs as a page of ours."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from providers.capabilities import HasMessages
from providers.errors import (
    BadInput,
    CallerUnauthenticated,
    Failed,
    Forbidden,
    Missing,
    NotConfigured,
    ProviderError,
    RateLimited,
)
from providers.records import PsnResourceContent
from providers.registry import Source
from resolvers.loaders import Loaders
from resolvers.message import not_yours
from schema.errors import extensions_of
from server import graphql_request as requests
from server.authentication import Callers
from server.concurrency_limit import Load
from server.request_error import Refused
from server.settings import Settings
from server.start_operation import begun

# What a browser shows and cannot run. Anything else, SVG and HTML first of all, is a download.
SHOWN = frozenset(
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
SAFE = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}
STATUSES: tuple[tuple[type[ProviderError], int], ...] = (
    (BadInput, 400),
    (CallerUnauthenticated, 401),
    (Forbidden, 403),
    (Missing, 404),
    (NotConfigured, 404),
    (RateLimited, 503),
    (Failed, 502),
)


@dataclass(frozen=True)
class Resources:
    """The download route."""

    callers: Callers
    settings: Settings
    load: Load

    async def __call__(self, request: Request) -> Response:
        """The resource, or why not as JSON."""
        try:
            with self.load.turn():
                content = await self._fetched(request)
        except Refused as refused:
            return requests.refusal(refused)
        except ProviderError as error:
            return requests.refusal(_refused(error))
        return _handed_out(content)

    async def _fetched(self, request: Request) -> PsnResourceContent:
        caller = self.callers.identify(request.headers)
        begun(request, self.settings, caller)
        client = Loaders(caller.viewer.clients, caller.viewer.refusals).client(Source.PSN)
        if not isinstance(client, HasMessages):
            raise NotConfigured("The source has no messages.", source=Source.PSN.name)
        if not caller.viewer.speaks_for(Source.PSN):
            raise not_yours(Source.PSN)
        group_id, resource_id = request.path_params["group"], request.path_params["resource"]
        client.check_group(group_id)
        client.check_resource(resource_id)
        return await client.resource(group_id, resource_id)


def _handed_out(content: PsnResourceContent) -> Response:
    kind = content.content_type.partition(";")[0].strip().lower()
    headers = {**SAFE, "Content-Type": kind if kind in SHOWN else "application/octet-stream"}
    if kind not in SHOWN:
        headers["Content-Disposition"] = "attachment"
    return Response(content.content, headers=headers)


def _refused(error: ProviderError) -> Refused:
    status = next((status for kind, status in STATUSES if isinstance(error, kind)), 502)
    return Refused(status, error.message, **extensions_of(error))
