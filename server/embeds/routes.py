"""The routes of the documents that other pages and programs embed."""

from starlette.routing import BaseRoute, Route

from server.embeds.documents import CALENDAR_PARAMETERS, CARD_PARAMETERS, Documents
from server.embeds.embed import Embed
from server.embeds.overlay import OVERLAY_PARAMETERS, OverlayBuilder
from server.embeds.pictures import Pictures
from server.embeds.profile_reader import ProfileReader
from server.pages.page_services import PageServices
from server.pages.routes import PROFILE_PATH


def build_embed_routes(services: PageServices, pictures: Pictures) -> list[BaseRoute]:
    """Build the routes, all of them below a public profile's own path."""
    documents = Documents(ProfileReader(services), pictures)
    overlay = OverlayBuilder(services)
    embeds = {
        "card.svg": Embed(services, CARD_PARAMETERS, documents.build_card),
        "feed.atom": Embed(services, (), documents.build_feed),
        "calendar.ics": Embed(services, CALENDAR_PARAMETERS, documents.build_calendar),
        "overlay": Embed(services, OVERLAY_PARAMETERS, overlay.build),
    }
    return [Route(f"{PROFILE_PATH}/{name}", embed.respond) for name, embed in embeds.items()]
