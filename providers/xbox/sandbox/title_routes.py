"""The routes about titles and achievements."""

import json
from typing import Any

from providers.xbox.sandbox.models import Json, PlayedTitle, Player, Title
from providers.xbox.sandbox.request_handling import ApiError, ApiRequest, Endpoint, build_failure
from providers.xbox.sandbox.serializers import (
    SERVICE_CONFIG_ID,
    list_earned_x360,
    serialize_modern,
    serialize_title,
    serialize_x360,
)


def get_titles(request: ApiRequest) -> Any:
    """Return all titles of a player, last played first; none where they are hidden."""
    if request.language in ("", "*"):
        raise ApiError(build_failure(400, "The request has an invalid locale value."))
    player = request.find_player()
    titles = [request.database.titles[each] for each in player.titles]
    titles.sort(key=lambda title: _get_sort_time(player.titles[title.title_id]), reverse=True)
    rows = [
        serialize_title(request.database, player, title, request.language)
        for title in titles
        if request.can_see(player) and (player is request.owner or _is_shown(player, title))
    ]
    if not titles:
        request.can_see(player)
    return {"xuid": player.xuid, "titles": rows}


def get_modern_title(request: ApiRequest) -> Any:
    """Return all achievements of a modern title; none for a title of the other generation."""
    player, title = request.find_player(), _find_title(request)
    if title is None or title.is_x360 or not request.can_see(player):
        return _build_list([])
    states = player.titles.get(title.title_id, PlayedTitle()).states
    rows = [
        serialize_modern(title, each, states.get(each.id), request.language)
        for each in title.achievements
    ]
    return _build_page(request, rows)


def get_x360_unlocked(request: ApiRequest) -> Any:
    """Return what a player has unlocked in a title of Xbox 360."""
    player, title = request.find_player(), _find_title(request)
    if title is None or not title.is_x360 or not request.can_see(player):
        return _build_x360_list([])
    played = player.titles.get(title.title_id, PlayedTitle())
    return _build_x360_list(list_earned_x360(title, played))


def get_x360_set(request: ApiRequest) -> Any:
    """Return all achievements of a title of Xbox 360, without any player's state."""
    request.find_player()
    title = _find_title(request)
    if title is None or not title.is_x360:
        return _build_x360_list([])
    return _build_x360_list([serialize_x360(title, each, None) for each in title.achievements])


def get_statistics(request: ApiRequest) -> Any:
    """Return the minutes played; titles of Xbox 360 and unknown ones are left out."""
    wanted = json.loads(request.request.body)
    return {
        "groups": [],
        "statlistscollection": [
            {
                "arrangebyfield": "xuid",
                "arrangebyfieldid": xuid,
                "stats": _list_minutes(request, xuid, wanted["stats"]),
            }
            for xuid in wanted["xuids"]
            if xuid in request.database.players
        ],
    }


def _list_minutes(request: ApiRequest, xuid: str, wanted: list[Json]) -> list[Json]:
    player = request.database.players[xuid]
    played = player.titles if request.can_see(player) else {}
    rows = ((each["titleId"], played.get(int(each["titleId"]))) for each in wanted)
    return [
        {
            "groupproperties": {},
            "xuid": xuid,
            "scid": SERVICE_CONFIG_ID.format(int(title_id)),
            "titleid": title_id,
            "name": "MinutesPlayed",
            "type": "Integer",
            "value": str(title.minutes_played),
            "properties": {},
        }
        for title_id, title in rows
        if title is not None and title.minutes_played is not None
    ]


def _find_title(request: ApiRequest) -> Title | None:
    text = request.request.parameters["title_id"]
    return request.database.titles.get(int(text)) if text.isdigit() else None


def _is_shown(player: Player, title: Title) -> bool:
    return player.titles[title.title_id].is_visible


def _get_sort_time(played: PlayedTitle) -> float:
    return played.last_played_at.timestamp() if played.last_played_at else 0.0


def _build_list(rows: list[Json]) -> Json:
    paging = {"continuationToken": None, "totalRecords": len(rows)}
    return {"achievements": rows, "pagingInfo": paging}


def _build_page(request: ApiRequest, rows: list[Json]) -> Json:
    """Build a page of the list from the token of the path on."""
    size = request.page_size or len(rows)
    token = request.request.parameters.get("token", "0")
    end = (int(token) if token.isdigit() else 0) + size
    continuation = str(end) if end < len(rows) else None
    paging = {"continuationToken": continuation, "totalRecords": len(rows)}
    return {"achievements": rows[end - size : end], "pagingInfo": paging}


def _build_x360_list(rows: list[Json]) -> Json:
    return {**_build_list(rows), "version": "2026-01-01T00:00:00.0000000Z"}


READS_BY_POST: dict[str, Endpoint] = {"player/stats": get_statistics}
ENDPOINTS: dict[str, Endpoint] = {
    "achievements": get_titles,
    "achievements/player/{xuid}": get_titles,
    "titles": get_titles,
    "titles/{xuid}": get_titles,
    "player/titleHistory": get_titles,
    "player/titleHistory/{xuid}": get_titles,
    "achievements/title/{title_id}": get_modern_title,
    "achievements/title/{title_id}/{token}": get_modern_title,
    "achievements/player/{xuid}/{title_id}": get_modern_title,
    "achievements/player/{xuid}/title/{title_id}": get_x360_set,
    "achievements/x360/{xuid}/title/{title_id}": get_x360_unlocked,
}
