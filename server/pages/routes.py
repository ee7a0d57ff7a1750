"""The routes of the pages: those of the viewer, and those of public profiles."""

from starlette.routing import BaseRoute, Route

from server.pages.events import UnlockEvents
from server.pages.page_services import NAME_PARAMETER, PageServices

PROFILE_PATH = f"/@{{{NAME_PARAMETER}}}"
EVENTS = "events"


def build_page_routes(services: PageServices) -> list[BaseRoute]:
    """Build the routes; a path below a profile's own begins with it."""
    if not services.settings.live:
        return []
    return [
        Route(f"/{EVENTS}", endpoint=UnlockEvents(services, services.find_caller_subject)),
        Route(
            f"{PROFILE_PATH}/{EVENTS}",
            endpoint=UnlockEvents(services, services.find_profile_subject),
        ),
    ]
