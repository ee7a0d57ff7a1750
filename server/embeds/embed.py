"""Documents about a public profile that other pages and programs embed: one endpoint for each."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from providers.errors import ProviderError
from providers.kit.freshness import Freshness
from server.embeds.query_values import check_names
from server.pages.page_response import share_page
from server.pages.page_services import PageServices, PageSubject
from server.request_error import RequestRejected

UNAVAILABLE = 503
RETRY_SECONDS = 60
# Of something that is not complete yet: other caches keep it for the shortest time.
INCOMPLETE = Freshness(is_lasting=False)
NOTHING_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
HEADERS = {
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True)
class Document:
    """A document, and what its response says of it.

    Not `is_available` if none of the sources answered, so that what it shows means nothing.
    """

    content: bytes = field(repr=False)
    media_type: str
    freshnesses: tuple[Freshness | None, ...]
    is_available: bool = True
    policy: str = NOTHING_POLICY


@dataclass(frozen=True)
class Embed:
    """The endpoint of a document; `parameters` are the names that its query may have."""

    services: PageServices
    parameters: tuple[str, ...]
    build: Callable[[Request, PageSubject], Awaitable[Document]]

    async def respond(self, request: Request) -> Response:
        """Return the document, or a page that says why there is none."""
        try:
            document = await self._build(request)
        except (RequestRejected, ProviderError) as error:
            rejection = RequestRejected.from_error(error)
        else:
            return build_response(request, document)
        return PlainTextResponse(f"{rejection.message}\n", rejection.status, rejection.headers)

    async def _build(self, request: Request) -> Document:
        subject = self.services.find_profile_subject(request)
        check_names(request.query_params, self.parameters)
        with self.services.client.limit.slot(is_stranger=subject.caller.is_stranger):
            return await self.build(request, subject)


def build_response(request: Request, document: Document) -> Response:
    """Build the response, which other caches keep unless the sources have failed."""
    headers = {
        **HEADERS,
        "Content-Type": f"{document.media_type}; charset=utf-8",
        "Content-Security-Policy": document.policy,
    }
    if not document.is_available:
        headers |= {"Cache-Control": "no-store", "Retry-After": str(RETRY_SECONDS)}
        return Response(document.content, UNAVAILABLE, headers)
    return share_page(request, Response(document.content, 200, headers), document.freshnesses)
