"""Start of an operation: its deadline, languages, cache mode and caller."""

import time

from starlette.requests import Request

from providers.kit.freshness import Freshness
from providers.kit.language import select_supported
from providers.kit.request_context import RequestContext, set_current
from providers.registry import LANGUAGES
from server.authentication import Caller
from server.content_negotiation import parse_accept_language
from server.request_headers import get_header
from server.settings import Settings


def start_operation(
    request: Request, settings: Settings, caller: Caller, span: object | None = None
) -> RequestContext:
    """Build the context of this request's operation, and make it the current one."""
    may_be_shared = caller.reads_public_documents and request.method == "GET"
    request_context = RequestContext(
        deadline=time.monotonic() + settings.deadline,
        languages=_read_languages(request, caller),
        # Anyone may request a public document, so no request for it may bypass the cache.
        bypass_cache=not caller.reads_public_documents
        and "no-cache" in get_header(request.scope, b"cache-control").lower(),
        caller=caller.name,
        max_calls=settings.max_calls,
        is_public=caller.viewer.is_public and not caller.viewer.is_profile,
        charge=caller.charge,
        freshness=Freshness() if may_be_shared else None,
        span=span,
    )
    set_current(request_context)
    return request_context


def _read_languages(request: Request, caller: Caller) -> tuple[str, ...]:
    """Return the languages of a request; of a public document's, those that a source has.

    A language that no source has is a cache entry of its own, and anyone can make up another one.
    """
    languages = parse_accept_language(get_header(request.scope, b"accept-language"))
    return select_supported(languages, LANGUAGES) if caller.reads_public_documents else languages
