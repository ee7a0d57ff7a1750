"""The sandbox's own pictures and profile pages, drawn from the names in their addresses."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

CELLS = 5  # of a side
VIEW = 64
HUE_DEGREES = 360
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


def draw_picture(digest: str, *, is_locked: bool = False) -> str:
    """Draw a pattern as an SVG: the same for the same name, and gray for a locked achievement."""
    number = int.from_bytes(digest.encode(), "big")
    saturation = 0 if is_locked else 60
    dark, light = (f"hsl({number % HUE_DEGREES} {saturation}% {each}%)" for each in (28, 72))
    cells = "".join(
        f'<path d="M{7 + 10 * column} {7 + 10 * row}h10v10h-10z"/>'
        for row in range(CELLS)
        for column in range(CELLS)
        # Symmetric, as emblems are.
        if number >> (3 * row + min(column, CELLS - 1 - column)) & 1
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {VIEW} {VIEW}" width="{VIEW}"'
        f' height="{VIEW}"><rect width="{VIEW}" height="{VIEW}" rx="10" fill="{dark}"/>'
        f'<g fill="{light}">{cells}</g></svg>'
    )


async def _respond_with_picture(request: Request) -> Response:
    return _build_response(draw_picture(request.path_params["digest"]))


async def _respond_with_locked_picture(request: Request) -> Response:
    return _build_response(draw_picture(request.path_params["digest"], is_locked=True))


async def _respond_with_profile(_request: Request) -> Response:
    return HTMLResponse(PROFILE, headers=HEADERS)


def _build_response(picture: str) -> Response:
    return Response(picture, headers=HEADERS, media_type="image/svg+xml")
