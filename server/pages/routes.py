"""The routes of the pages: those of the viewer, and those of public profiles."""

from pathlib import Path

from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from server.pages.events import UnlockEvents
from server.pages.page_services import NAME_PARAMETER, PageServices
from server.pages.trophy_case import ProfilePage, TrophyCase

ASSETS_PATH = "/assets"
PROFILE_PATH = f"/@{{{NAME_PARAMETER}}}"
EVENTS = "events"
_STATIC = Path(__file__).with_name("static")


class PageFiles(StaticFiles):
    """Static files that a browser revalidates, since they keep their names."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file, of which a browser takes nothing for another type."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def build_page_routes(services: PageServices) -> list[BaseRoute]:
    """Build the routes; a path below a profile's own begins with it."""
    return [
        Route("/", TrophyCase(services).__call__),
        Route(PROFILE_PATH, ProfilePage(services).__call__),
        Mount(ASSETS_PATH, PageFiles(directory=_STATIC)),
        *(_build_event_routes(services) if services.settings.live else []),
    ]


def _build_event_routes(services: PageServices) -> list[BaseRoute]:
    return [
        Route(f"/{EVENTS}", endpoint=UnlockEvents(services, services.find_caller_subject)),
        Route(
            f"{PROFILE_PATH}/{EVENTS}",
            endpoint=UnlockEvents(services, services.find_profile_subject),
        ),
    ]
