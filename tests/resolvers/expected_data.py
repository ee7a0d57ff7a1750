"""The expected entries, read from the sandboxes without any of the code under test."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from providers.psn.sandbox.constants import OWNER_ACCOUNT_ID
from providers.psn.sandbox.models import TrophySet
from providers.psn.sandbox.models import TrophySetProgress as PsnProgress
from providers.retroachievements.sandbox.game_progress import GameProgress as RetroProgress
from providers.retroachievements.sandbox.models import Member
from tests.harness import RunningServer

SOURCES = ("PSN", "RETRO_ACHIEVEMENTS", "TROPHY_SO")


@dataclass(frozen=True)
class Expected:
    """An achievement, a title or an award, by its source's ids."""

    source: str
    title: str | None
    native_id: str
    moment: datetime | None = None


def expect_earned(server: RunningServer) -> list[Expected]:
    """Return everything that Vega has earned, newest first; ties in the order of the sources."""
    found = [
        *_iterate_psn_earned(server),
        *_iterate_retro_earned(server),
        *_iterate_trophy_so_earned(server),
    ]
    return sorted(found, key=lambda entry: (-_to_seconds(entry), SOURCES.index(entry.source)))


def expect_locked(server: RunningServer) -> list[Expected]:
    """Return everything that Vega has locked: titles by last update, then the source's order."""
    started = [*_iterate_psn_titles(server), *_iterate_retro_titles(server)]
    started.sort(key=lambda pair: -_to_seconds(pair[0]))
    in_titles = [entry for _, left in started for entry in left]
    user = server.trophy_so.database.users["vega"]
    untitled = [
        Expected("TROPHY_SO", None, definition.id)
        for definition in server.trophy_so.database.definitions.values()
        if definition.key not in user.earned
    ]
    return [*in_titles, *untitled]


def expect_titles(server: RunningServer) -> list[Expected]:
    """Return every title that Vega has, last updated first."""
    found = [title for title, _ in (*_iterate_psn_titles(server), *_iterate_retro_titles(server))]
    return sorted(found, key=lambda entry: -_to_seconds(entry))


def expect_awards(server: RunningServer) -> list[tuple[str, datetime]]:
    """Return the kind and the time of every award that Vega shows, newest first."""
    member = _find_vega(server)
    found = [
        (award.type, award.awarded_at)
        for progress in server.retro.database.list_game_progress(member)
        for award in progress.awards
    ]
    found += [(award.type, award.awarded_at) for award in member.site_awards if award.order != -1]
    return sorted(found, key=lambda pair: pair[1], reverse=True)


def from_node(node: Any) -> Expected:
    """Build an entry from a node of a response."""
    when = node.get("earnedAt")
    return Expected(
        node["source"],
        node["title"]["nativeId"] if node["title"] else None,
        node["nativeId"],
        None if when is None else datetime.fromisoformat(when),
    )


def _iterate_psn_progress(server: RunningServer) -> Iterator[tuple[TrophySet, PsnProgress]]:
    world = server.psn.database
    for (account, name), progress in world.trophy_progress.items():
        if account == OWNER_ACCOUNT_ID:
            yield world.trophy_sets[name], progress


def _iterate_psn_earned(server: RunningServer) -> Iterator[Expected]:
    for trophy_set, progress in _iterate_psn_progress(server):
        for trophy_id, when in progress.earned.items():
            yield Expected(
                "PSN", trophy_set.np_communication_id, str(trophy_id), _parse_moment(when)
            )


def _iterate_psn_titles(server: RunningServer) -> Iterator[tuple[Expected, list[Expected]]]:
    for trophy_set, progress in _iterate_psn_progress(server):
        name = trophy_set.np_communication_id
        left = [
            Expected("PSN", name, str(trophy.trophy_id))
            for trophy in trophy_set.trophies
            if trophy.trophy_id not in progress.earned
        ]
        yield Expected("PSN", None, name, _parse_moment(progress.updated_at)), left


def _list_retro_progress(server: RunningServer) -> list[RetroProgress]:
    return server.retro.database.list_game_progress(_find_vega(server))


def _iterate_retro_earned(server: RunningServer) -> Iterator[Expected]:
    for progress in _list_retro_progress(server):
        for item, unlock in progress.unlocks:
            when = unlock.hardcore_earned_at or unlock.earned_at
            yield Expected("RETRO_ACHIEVEMENTS", str(progress.game.id), str(item.id), when)


def _iterate_retro_titles(server: RunningServer) -> Iterator[tuple[Expected, list[Expected]]]:
    for progress in _list_retro_progress(server):
        game = progress.game
        earned_ids = {item.id for item, _ in progress.unlocks}
        left = [
            Expected("RETRO_ACHIEVEMENTS", str(game.id), str(item.id))
            for item in sorted(game.achievements, key=lambda item: item.order)
            if item.id not in earned_ids
        ]
        yield Expected("RETRO_ACHIEVEMENTS", None, str(game.id), progress.last_unlock_at), left


def _iterate_trophy_so_earned(server: RunningServer) -> Iterator[Expected]:
    world = server.trophy_so.database
    for key, when in world.users["vega"].earned.items():
        yield Expected("TROPHY_SO", None, world.definitions[key].id, _parse_moment(when))


def _find_vega(server: RunningServer) -> Member:
    member = server.retro.database.find_member("VegaNorth")
    assert member is not None
    return member


def _parse_moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _to_seconds(entry: Expected) -> float:
    assert entry.moment is not None
    return entry.moment.timestamp()
