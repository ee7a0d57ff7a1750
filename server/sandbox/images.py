"""The sandbox's own pictures and profile pages, drawn from the names in their addresses."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from server.sandbox.emblem import Emblem, draw_svg

HEADERS = {
    "Cache-Control": "public, max-age=86400",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
PROFILE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>An invented account</title>'
    "<p>The sandbox invents this account, which has no page elsewhere.</p></html>"
)


def build_image_routes(images: str, profiles: str) -> list[Route]:
    """Build the routes of the pictures and of the profile pages, below their paths."""
    return [
        Route(f"{images}/{{digest}}.svg", _respond_with_picture),
        Route(f"{images}/locked/{{digest}}.svg", _respond_with_locked_picture),
        Route(f"{profiles}/{{digest}}", _respond_with_profile),
    ]


async def _respond_with_picture(request: Request) -> Response:
    return _build_response(Emblem(request.path_params["digest"]))


async def _respond_with_locked_picture(request: Request) -> Response:
    return _build_response(Emblem(request.path_params["digest"], is_gray=True))


async def _respond_with_profile(_request: Request) -> Response:
    return HTMLResponse(PROFILE, headers=HEADERS)


def _build_response(emblem: Emblem) -> Response:
    return Response(draw_svg(emblem), headers=HEADERS, media_type="image/svg+xml")
