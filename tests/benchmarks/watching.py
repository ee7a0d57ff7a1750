"""Upstream calls of watching many players, by source, and the time between two polls of one.

    python -m tests.benchmarks.watching [WORD]

Over the sandbox on virtual time with the default rates and settings, so every figure is the same on
every machine. Of each number of players, all play or all are away; nobody earns anything. With
WORD, only the sources with it in their name are measured.
"""

import asyncio
import copy
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from providers.registry import Source
from resolvers.live.live import Listener, Live
from resolvers.live.unlock_event import WatchKey
from tests.harness import RunningServer, run_server

PLAYER_COUNTS = (1, 10, 50)
# Measured after a time in which every player has been seen, and their first titles were opened.
WARM_UP_SECONDS = 3600
MEASURED_SECONDS = 3600
NO_LIMIT = 10**9  # the sandbox's own hour does not pass in virtual time
OFFLINE_SINCE = "2026-10-30T21:14:05.120Z"
# Of the calls of a poll, the one that every poll makes.
POLL_CALLS = {
    Source.PSN: "/trophyTitles",
    Source.RETRO_ACHIEVEMENTS: "GetUserCompletionProgress",
    Source.TROPHY_SO: "/achievements",
    Source.STEAM: "GetOwnedGames",
    Source.XBOX: "/achievements/player/",
}
# Their source tells who is there.
WITH_PRESENCE = (Source.PSN, Source.STEAM, Source.XBOX)
TEMPLATES = {
    Source.PSN: "1000000000000000001",
    Source.RETRO_ACHIEVEMENTS: "VegaNorth",
    Source.TROPHY_SO: "vega",
    Source.STEAM: "76561190000000001",
    Source.XBOX: "2535400000000001",
}


@dataclass(frozen=True)
class Watching:
    """What watching costs: calls and polls of all players in an hour."""

    source: Source
    players: int
    is_away: bool
    calls: int
    polls: int

    @property
    def seconds_between_polls(self) -> float:
        """The seconds between two polls of one player, on average."""
        return MEASURED_SECONDS * self.players / self.polls if self.polls else float("inf")


def measure(source: Source, players: int, *, is_away: bool) -> Watching:
    """Watch so many players of a source for an hour."""
    rates = {name: value for name, value in source.value.settings.items() if name.endswith("_RATE")}
    environment: dict[str, Any] = rates
    with run_server(**environment) as server:
        server.xbox.settings["hourly_limit"] = NO_LIMIT
        ids = [_add_player(server, source, number, is_away=is_away) for number in range(players)]
        server.run(_listen(server, source, ids))
        server.run(asyncio.sleep(WARM_UP_SECONDS))
        sandbox = server.upstreams.sandboxes[source]
        sandbox.calls.clear()
        server.run(asyncio.sleep(MEASURED_SECONDS))
        polls = sum(count for name, count in sandbox.calls.items() if _is_poll(source, name))
        calls = server.count_upstream_calls().get(source.name, 0)
    return Watching(source, players, is_away, calls, polls)


def list_cases(word: str) -> Iterator[tuple[Source, int, bool]]:
    """Yield the sources, numbers of players, and whether they are away."""
    for source in Source:
        for players in PLAYER_COUNTS if word.upper() in source.name else ():
            for is_away in (False, True) if source in WITH_PRESENCE else (False,):
                yield source, players, is_away


async def _listen(server: RunningServer, source: Source, ids: list[str]) -> Listener:
    live: Live = server.app.state.live
    client = server.services[source].get_operator_client()
    listener = live.open()
    for account_id in ids:
        await listener.add(WatchKey(source, client.scope, account_id), client)
    return listener


def _is_poll(source: Source, name: str) -> bool:
    if source is Source.XBOX:  # a title of the player has one more part
        return POLL_CALLS[source] in name and name.count("/") == POLL_CALLS[source].count("/") + 2
    return POLL_CALLS[source] in name


def _add_player(server: RunningServer, source: Source, number: int, *, is_away: bool) -> str:
    add = {
        Source.PSN: _add_psn_player,
        Source.RETRO_ACHIEVEMENTS: _add_retro_player,
        Source.TROPHY_SO: _add_trophy_so_user,
        Source.STEAM: _add_steam_player,
        Source.XBOX: _add_xbox_player,
    }[source]
    return add(server, TEMPLATES[source], number, is_away)


def _add_psn_player(server: RunningServer, template: str, number: int, is_away: bool) -> str:
    database, account_id = server.psn.database, str(5_000_000_000_000_000_000 + number)
    since = OFFLINE_SINCE if is_away else None
    database.accounts[account_id] = replace(
        database.accounts[template],
        account_id=account_id,
        online_id=f"player_{number}",
        last_online_at=since,
    )
    for (owner, name), progress in list(database.trophy_progress.items()):
        if owner == template:
            database.trophy_progress[account_id, name] = copy.deepcopy(progress)
    return account_id


def _add_retro_player(server: RunningServer, template: str, number: int, _is_away: bool) -> str:
    database, ulid = server.retro.database, f"01HPLAYER{number:017}"
    member = next(each for each in database.members if each.name == template)
    name = f"Player{number}"
    database.members.append(
        replace(member, id=900_000 + number, name=name, original_name="", ulid=ulid, key=None)
    )
    return ulid


def _add_trophy_so_user(server: RunningServer, template: str, number: int, _is_away: bool) -> str:
    users, user_id = server.trophy_so.database.users, f"player-{number}"
    users[user_id] = replace(users[template], id=user_id)
    return user_id


def _add_steam_player(server: RunningServer, template: str, number: int, is_away: bool) -> str:
    players, steam_id = server.steam.database.players, str(76_561_191_000_000_000 + number)
    players[steam_id] = replace(
        players[template], steam_id=steam_id, vanity=None, key=None, state=0 if is_away else 1
    )
    if is_away:
        players[steam_id].current_app_id = None
    return steam_id


def _add_xbox_player(server: RunningServer, template: str, number: int, is_away: bool) -> str:
    players, xuid = server.xbox.database.players, str(2_535_410_000_000_000 + number)
    state = "Offline" if is_away else "Online"
    players[xuid] = replace(
        players[template], xuid=xuid, modern_gamertag=f"Player{number}", key=None, state=state
    )
    return xuid


def main(arguments: list[str]) -> int:
    """Print the table."""
    word = arguments[0] if arguments else ""
    sys.stdout.write("| source | players | | calls an hour | seconds between two polls |\n")
    sys.stdout.write("| --- | --- | --- | --- | --- |\n")
    for source, players, is_away in list_cases(word):
        found = measure(source, players, is_away=is_away)
        state = "away" if is_away else "playing"
        sys.stdout.write(
            f"| {source.value.label} | {players} | {state} | {found.calls:,} | "
            f"{found.seconds_between_polls:,.0f} |\n"
        )
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
