"""The trophy case: a page about the viewer, about the accounts in its query, or about a profile."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from providers.errors import ProviderError
from server.content_negotiation import prefers_html
from server.pages.content import Content, load_content
from server.pages.page_response import keep_private, share_page
from server.pages.page_services import PageServices, PageSubject
from server.pages.profile import SOURCES_BY_PARAMETER
from server.pages.templates import render
from server.request_error import RequestRejected
from server.request_headers import get_header

OK, BAD_REQUEST, NOT_FOUND = 200, 400, 404
MAX_CURSOR_LENGTH = 4_000
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self'; "
    "connect-src 'self'; "
    "img-src http: https:; "  # pictures are where their sources have them
    "base-uri 'none'; "
    "form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True)
class TrophyCase:
    """The endpoint of the page at `/`, which is for browsers alone and kept by no cache."""

    services: PageServices

    async def __call__(self, request: Request) -> Response:
        """Return the page; 404 for what does not accept HTML, as for a path without a route."""
        if not prefers_html(get_header(request.scope, b"accept")):
            raise HTTPException(NOT_FOUND)
        response, _ = await respond(self.services, request, self.services.find_caller_subject)
        return keep_private(response)


@dataclass(frozen=True)
class ProfilePage:
    """The endpoint of a public profile's page, which other caches may keep."""

    services: PageServices

    async def __call__(self, request: Request) -> Response:
        """Return the page, the same for everyone with the same language."""
        response, content = await respond(
            self.services, request, self.services.find_profile_subject
        )
        if content is None or content.is_unanswered:
            return keep_private(response)
        return share_page(request, response, [each.freshness for each in content.answers])


async def respond(
    services: PageServices, request: Request, find_subject: Callable[[Request], PageSubject]
) -> tuple[Response, Content | None]:
    """Return the page of a request with its content, or the page that says what is wrong."""
    try:
        subject = find_subject(request)
        after = (request.query_params.get("after") or "")[:MAX_CURSOR_LENGTH] or None
        content = await load_content(services, request, subject, after)
    except (RequestRejected, ProviderError) as error:
        rejection = RequestRejected.from_error(error)
    else:
        if content.bad_input is None:
            return _render_content(services, request, subject, content), content
        rejection = RequestRejected(BAD_REQUEST, content.bad_input)
    return _render_rejection(request, rejection), None


def _render_content(
    services: PageServices, request: Request, subject: PageSubject, content: Content
) -> Response:
    if content.has_no_account:
        return _build_page("no_account.html", OK, content=content, accounts=_list_accounts(request))
    query = "" if subject.profile else _select_query(request)
    base = f"@{subject.profile.name}/" if subject.profile else ""
    return _build_page(
        "trophy_case.html",
        OK,
        content=content,
        events=f"{base}events{query}" if services.settings.live else None,
        newest=query or "?",
        profile=f"@{subject.profile.name}" if subject.profile else None,
        more=_build_more(query, content),
    )


def _render_rejection(request: Request, rejection: RequestRejected) -> Response:
    response = _build_page(
        "rejection.html",
        rejection.status,
        rejection=rejection,
        accounts=_list_accounts(request),
    )
    response.headers.update(rejection.headers)
    return response


def _build_page(template: str, status: int, **values: Any) -> Response:
    return HTMLResponse(render(template, **values), status, HEADERS)


def _build_more(query: str, content: Content) -> str | None:
    cursor = content.rows["unlocks"].next_cursor
    if cursor is None:
        return None
    return (
        f"{query}&{urlencode({'after': cursor})}" if query else f"?{urlencode({'after': cursor})}"
    )


def _select_query(request: Request) -> str:
    """Return the query with the accounts that a page was requested for; empty without any."""
    accounts = {name: value for name, value in _list_accounts(request).items() if value}
    return f"?{urlencode(accounts)}" if accounts else ""


def _list_accounts(request: Request) -> dict[str, str]:
    return {name: request.query_params.get(name, "") for name in SOURCES_BY_PARAMETER}
