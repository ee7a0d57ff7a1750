"""The overlay: a see-through page over a stream, with the newest unlocks, progress, or toasts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.requests import Request

from providers.kit.freshness import Freshness
from server.embeds.answers import Picture, State, Unlock, read_unlocks
from server.embeds.embed import INCOMPLETE, Document
from server.embeds.query_values import read_choice
from server.embeds.unlock_texts import describe_rarity
from server.pages.page_services import PageServices, PageSubject
from server.pages.routes import EVENTS
from server.pages.templates import render
from server.pages.texts import clean_text, name_entry
from server.request_error import RequestRejected

MEDIA_TYPE = "text/html"
RECENT, PROGRESS, TOAST = "recent", "progress", "toast"
SHOW, COUNT = "show", "count"
OVERLAY_PARAMETERS = (SHOW, COUNT)
COUNTS = tuple(str(count) for count in range(1, 11))
DEFAULT_COUNT = "5"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' https:; "  # pictures are where their sources have them
    "base-uri 'none'; form-action 'none'; frame-ancestors *"
)


class _Title(msgspec.Struct, rename="camel"):
    id: str
    name: str | None = None
    icon: Picture | None = None
    progress: int | None = None
    earned_count: int | None = None
    achievement_count: int | None = None


class _Edge(msgspec.Struct):
    node: _Title


class _Titles(msgspec.Struct):
    edges: tuple[_Edge, ...] = ()
    sources: tuple[State, ...] = ()


class _User(msgspec.Struct, rename="camel"):
    trophy_titles: _Titles


class _Answer(msgspec.Struct):
    user: _User | None = None


@dataclass(frozen=True)
class Row:
    """A line of the overlay; `percent` is the length of its bar, if it has one."""

    id: str
    name: str
    origin: str = ""
    facts: str = ""
    icon_url: str | None = None
    percent: int | None = None


@dataclass(frozen=True)
class Overlay:
    """What the page shows; not complete while a source is missing from it."""

    name: str
    show: str
    count: int
    rows: Sequence[Row] = ()
    events: str | None = None
    is_complete: bool = True


@dataclass(frozen=True)
class OverlayBuilder:
    """Builds the overlay of a profile."""

    services: PageServices

    async def build(self, request: Request, subject: PageSubject) -> Document:
        """Build the page; reject a value that there is not, and toasts without events."""
        query = request.query_params
        show = read_choice(query, SHOW, (RECENT, PROGRESS, TOAST), RECENT)
        count = int(read_choice(query, COUNT, COUNTS, DEFAULT_COUNT))
        if show == TOAST and not self.services.settings.live:
            message = "show=toast is not offered here: the operator has set TROPHYCASE_LIVE=off."
            raise RequestRejected(404, message, "NOT_FOUND")
        rows, is_complete, freshness = await self._load_rows(request, subject, show, count)
        overlay = Overlay(
            subject.profile.name if subject.profile else "",
            show,
            count,
            rows,
            EVENTS if self.services.settings.live else None,
            is_complete,
        )
        content = render("overlay.html", overlay=overlay).encode(errors="replace")
        return Document(content, MEDIA_TYPE, (freshness,), policy=POLICY)

    async def _load_rows(
        self, request: Request, subject: PageSubject, show: str, count: int
    ) -> tuple[Sequence[Row], bool, Freshness | None]:
        if show == TOAST:
            return (), True, INCOMPLETE
        if show == RECENT:
            answer = await self.services.execute(request, subject, "unlocks", first=count)
            rows, states = _read_recent(answer.data)
        else:
            given = {"first": count, "orderBy": "LAST_UPDATED"}
            answer = await self.services.execute(request, subject, "in_progress", **given)
            rows, states = _read_progress(answer.data)
        is_complete = bool(answer.data) and all(each.is_shown for each in states)
        return rows, is_complete, answer.freshness


def _read_recent(data: Mapping[str, Any]) -> tuple[list[Row], Sequence[State]]:
    unlocks = read_unlocks(data)
    return [_build_unlock_row(each) for each in unlocks.nodes], unlocks.sources


def _build_unlock_row(unlock: Unlock) -> Row:
    return Row(
        unlock.id,
        name_entry(clean_text(unlock.name)),
        clean_text(unlock.title_name),
        describe_rarity(unlock),
        unlock.icon_url,
    )


def _read_progress(data: Mapping[str, Any]) -> tuple[list[Row], Sequence[State]]:
    user = msgspec.convert(data, _Answer).user
    titles = user.trophy_titles if user else _Titles()
    return [_build_title_row(edge.node) for edge in titles.edges], titles.sources


def _build_title_row(title: _Title) -> Row:
    counts = (title.earned_count, title.achievement_count)
    facts = "" if None in counts else f"{counts[0]:,} / {counts[1]:,}"
    if not facts and title.progress is not None:
        facts = f"{title.progress}%"
    icon_url = title.icon.url if title.icon else None
    name = name_entry(clean_text(title.name))
    return Row(title.id, name, "", facts, icon_url, title.progress)
