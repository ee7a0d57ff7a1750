"""The card, the feed and the calendar of a public profile, from what was read of it."""

from dataclasses import dataclass, field
from functools import partial

from starlette.requests import Request

from server.embeds import feed, svg, unlock_calendar
from server.embeds.card import (
    CARD_UNLOCKS,
    limit_pictures,
    list_picture_urls,
    render_card,
    render_compact_card,
)
from server.embeds.card_theme import DEFAULT_THEME, THEMES
from server.embeds.embed import INCOMPLETE, Document
from server.embeds.pictures import Pictures
from server.embeds.profile_reader import ProfileReader, ReadProfile
from server.embeds.query_values import read_choice, read_switch, read_time_zone
from server.embeds.renderings import Renderings
from server.embeds.unlock_calendar import BY_DAY, BY_TIME
from server.pages.page_services import PageSubject

FEED_UNLOCKS, CALENDAR_UNLOCKS = 50, 100
THEME, COMPACT = "theme", "compact"
BY, TIME_ZONE = "by", "tz"
CARD_PARAMETERS, CALENDAR_PARAMETERS = (THEME, COMPACT), (BY, TIME_ZONE)


@dataclass(frozen=True)
class Documents:
    """Builds the documents of a profile; each is rejected for a value that there is not."""

    reader: ProfileReader
    pictures: Pictures
    renderings: Renderings = field(default_factory=Renderings)

    async def build_card(self, request: Request, subject: PageSubject) -> Document:
        """Build the card, without the pictures that cannot be had in time."""
        theme = read_choice(request.query_params, THEME, THEMES, DEFAULT_THEME)
        is_compact = read_switch(request.query_params, COMPACT)
        profile = await self.reader.read(request, subject, 1 if is_compact else CARD_UNLOCKS)
        urls = list_picture_urls(profile.person, [] if is_compact else profile.unlocks.nodes)
        pictures = await self.pictures.fetch(urls)
        found = limit_pictures(urls, pictures.by_url)
        render = render_compact_card if is_compact else render_card
        content = await self.renderings.render(
            (render, profile.fingerprint, theme, *found), partial(render, profile, found, theme)
        )
        freshnesses = profile.freshnesses
        if not pictures.is_complete:
            freshnesses = (*freshnesses, INCOMPLETE)
        return Document(
            content,
            svg.MEDIA_TYPE,
            freshnesses,
            is_available=profile.person.has_counts or not profile.unlocks.have_all_failed,
            policy=svg.build_policy(theme),
        )

    async def build_feed(self, request: Request, subject: PageSubject) -> Document:
        """Build the Atom feed."""
        profile = await self.reader.read(request, subject, FEED_UNLOCKS)
        key = (feed.MEDIA_TYPE, profile.fingerprint)
        content = await self.renderings.render(key, partial(feed.render_feed, profile))
        return _build_list(profile, content, feed.MEDIA_TYPE)

    async def build_calendar(self, request: Request, subject: PageSubject) -> Document:
        """Build the calendar."""
        by = read_choice(request.query_params, BY, (BY_TIME, BY_DAY), BY_TIME)
        zone = read_time_zone(request.query_params, TIME_ZONE)
        profile = await self.reader.read(request, subject, CALENDAR_UNLOCKS)
        key = (by, profile.fingerprint, str(zone) if by == BY_DAY else "")
        render = partial(unlock_calendar.render_calendar, profile, by, zone)
        content = await self.renderings.render(key, render)
        return _build_list(profile, content, unlock_calendar.MEDIA_TYPE)


def _build_list(profile: ReadProfile, content: bytes, media_type: str) -> Document:
    return Document(
        content,
        media_type,
        profile.freshnesses,
        is_available=not profile.unlocks.have_all_failed,
    )
