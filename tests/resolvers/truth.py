"""What the invented worlds hold, counted without any of the code that is tested."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from providers.psn.sandbox.model import Standing as PsnStanding
from providers.psn.sandbox.model import TrophySet
from providers.psn.sandbox.world import OWNER_ACCOUNT_ID
from providers.retroachievements.sandbox.model import Member
from providers.retroachievements.sandbox.standing import Standing as RetroStanding
from tests.asking import Server

SOURCES = ("PSN", "RETRO_ACHIEVEMENTS", "TROPHY_SO")


@dataclass(frozen=True)
class Thing:
    """An achievement, title or award by the names that everybody agrees on."""

    source: str
    title: str | None
    native_id: str
    when: datetime | None = None


def earned(server: Server) -> list[Thing]:
    """Everything that Vega has earned, newest first, sources in their order on a tie."""
    found = [*_psn_earned(server), *_retro_earned(server), *_trophy_so_earned(server)]
    return sorted(found, key=lambda thing: (-_seconds(thing), SOURCES.index(thing.source)))


def locked(server: Server) -> list[Thing]:
    """Everything that Vega has left, titles by last update, then the source's own order."""
    started = [*_psn_titles(server), *_retro_titles(server)]
    started.sort(key=lambda pair: -_seconds(pair[0]))
    in_titles = [thing for _, left in started for thing in left]
    user = server.trophy_so.world.users["vega"]
    loose = [
        Thing("TROPHY_SO", None, definition.id)
        for definition in server.trophy_so.world.definitions.values()
        if definition.key not in user.achieved
    ]
    return [*in_titles, *loose]


def titles(server: Server) -> list[Thing]:
    """Every title that Vega has, last updated first."""
    found = [title for title, _ in (*_psn_titles(server), *_retro_titles(server))]
    return sorted(found, key=lambda thing: -_seconds(thing))


def awards(server: Server) -> list[tuple[str, datetime]]:
    """The kind and the time of every award that Vega shows, newest first."""
    member = _vega(server)
    found = [
        (award.type, award.when)
        for standing in server.retro.world.played(member)
        for award in standing.awards
    ]
    found += [(award.type, award.awarded_at) for award in member.site_awards if award.order != -1]
    return sorted(found, key=lambda pair: pair[1], reverse=True)


def of_node(node: Any) -> Thing:
    """The same out of an answer."""
    when = node.get("earnedAt")
    return Thing(
        node["source"],
        node["title"]["nativeId"] if node["title"] else None,
        node["nativeId"],
        None if when is None else datetime.fromisoformat(when),
    )


def _psn_held(server: Server) -> Iterator[tuple[TrophySet, PsnStanding]]:
    world = server.psn.world
    for (account, name), standing in world.standings.items():
        if account == OWNER_ACCOUNT_ID:
            yield world.sets[name], standing


def _psn_earned(server: Server) -> Iterator[Thing]:
    for known, standing in _psn_held(server):
        for trophy_id, when in standing.earned.items():
            yield Thing("PSN", known.np_communication_id, str(trophy_id), _moment(when))


def _psn_titles(server: Server) -> Iterator[tuple[Thing, list[Thing]]]:
    for known, standing in _psn_held(server):
        name = known.np_communication_id
        left = [
            Thing("PSN", name, str(trophy.trophy_id))
            for trophy in known.trophies
            if trophy.trophy_id not in standing.earned
        ]
        yield Thing("PSN", None, name, _moment(standing.updated)), left


def _retro_held(server: Server) -> list[RetroStanding]:
    return server.retro.world.played(_vega(server))


def _retro_earned(server: Server) -> Iterator[Thing]:
    for standing in _retro_held(server):
        for item, unlock in standing.unlocks:
            when = unlock.hardcore or unlock.first
            yield Thing("RETRO_ACHIEVEMENTS", str(standing.game.id), str(item.id), when)


def _retro_titles(server: Server) -> Iterator[tuple[Thing, list[Thing]]]:
    for standing in _retro_held(server):
        game = standing.game
        have = {item.id for item, _ in standing.unlocks}
        left = [
            Thing("RETRO_ACHIEVEMENTS", str(game.id), str(item.id))
            for item in sorted(game.achievements, key=lambda item: item.order)
            if item.id not in have
        ]
        yield Thing("RETRO_ACHIEVEMENTS", None, str(game.id), standing.latest), left


def _trophy_so_earned(server: Server) -> Iterator[Thing]:
    world = server.trophy_so.world
    for key, when in world.users["vega"].achieved.items():
        yield Thing("TROPHY_SO", None, world.definitions[key].id, _moment(when))


def _vega(server: Server) -> Member:
    member = server.retro.world.member("VegaNorth")
    assert member is not None
    return member


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _seconds(thing: Thing) -> float:
    assert thing.when is not None
    return thing.when.timestamp()
