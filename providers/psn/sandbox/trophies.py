"""The trophy service: summary, titles, groups and trophies, defined and earned."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from providers.kit.sandbox import Call, Reply
from providers.psn.sandbox import rules, trophy_rows
from providers.psn.sandbox.answer import MOBILE, PRIVATE, TROPHY, Routes, cursors, number, words
from providers.psn.sandbox.model import Account, Game, Json, Standing, Trophy, TrophySet
from providers.psn.sandbox.state import State

_BASE = f"{MOBILE}/api/trophy/v1"
_USER = f"{_BASE}/users/{{account}}"
_SET = "npCommunicationIds/{set}"
_SHARED = {"Cache-Control": "max-age=300"}
_Held = tuple[TrophySet, Standing]


@dataclass(frozen=True)
class Trophies:
    state: State

    def routes(self) -> Routes:
        return [
            ("GET", f"{_USER}/trophySummary", self.summary),
            ("GET", f"{_USER}/trophyTitles", self.titles),
            ("GET", f"{_USER}/titles/trophyTitles", self.titles_of_games),
            ("GET", f"{_BASE}/{_SET}/trophyGroups", self.groups),
            ("GET", f"{_USER}/{_SET}/trophyGroups", self.earned_groups),
            ("GET", f"{_BASE}/{_SET}/trophyGroups/{{group}}/trophies", self.trophies),
            ("GET", f"{_USER}/{_SET}/trophyGroups/{{group}}/trophies", self.earned_trophies),
            ("GET", f"{_BASE}/{_SET}/trophies/{{trophy}}", self.trophy),
            ("GET", f"{_USER}/{_SET}/trophies/{{trophy}}", self.earned_trophy),
            ("GET", f"{_USER}/{_SET}/appearanceSetting", self.appearance),
        ]

    def summary(self, call: Call) -> Reply:
        _, account = self._people(call)
        row = rules.summary(account.account_id, self.state.world.held(account.account_id))
        if self.state.settings["trophy_level_as_string"]:
            row["trophyLevel"] = str(row["trophyLevel"])
        return _private(row)

    def titles(self, call: Call) -> Reply:
        caller, account = self._people(call)
        limit = number(call, "limit", 100, TROPHY, most=800)
        offset = number(call, "offset", 0, TROPHY)
        held = _newest_first(self._visible(caller, account))
        shown = held[offset : offset + limit]
        rows = [trophy_rows.title(*one, partial(words, call=call, account=caller)) for one in shown]
        return _private(_page("trophyTitles", rows, offset, len(held)))

    def titles_of_games(self, call: Call) -> Reply:
        caller, account = self._people(call)
        games = [self._game(np_title_id) for np_title_id in _np_title_ids(call)]
        visible = {
            known.np_communication_id: (known, one) for known, one in self._visible(caller, account)
        }
        rows: list[Json] = []
        for game in self._disordered(games):
            held = [visible[name] for name in game.sets if name in visible]
            titles = [_title_of_game(call, caller, *one) for one in held]
            rows.append({"npTitleId": game.np_title_id, "trophyTitles": titles})
        return _private({"titles": rows})

    def groups(self, call: Call) -> Reply:
        caller = self.state.caller(call, TROPHY)
        known = self._set(call)
        return _shared(trophy_rows.definitions(known, partial(words, call=call, account=caller)))

    def earned_groups(self, call: Call) -> Reply:
        return _private(trophy_rows.standing_by_group(*self._own(call)))

    def trophies(self, call: Call) -> Reply:
        caller = self.state.caller(call, TROPHY)
        known = self._set(call)
        texts = partial(words, call=call, account=caller)
        show = partial(trophy_rows.definition, known=known, words=texts)
        return _shared(_trophy_page(call, known, _in_group(call, known), show))

    def earned_trophies(self, call: Call) -> Reply:
        known, standing = self._own(call)
        trophies = _in_group(call, known)
        show = partial(trophy_rows.earned, standing=standing)
        page = _trophy_page(call, known, trophies, show)
        page["lastUpdatedDateTime"] = standing.updated
        rarest = trophy_rows.rarest(trophies, standing)
        if rarest:
            page["rarestTrophies"] = rarest
        return _private(page)

    def trophy(self, call: Call) -> Reply:
        caller = self.state.caller(call, TROPHY)
        known = self._set(call)
        texts = partial(words, call=call, account=caller)
        row = trophy_rows.definition(_one(call, known), known, texts)
        return _shared({**_version(known), **row})

    def earned_trophy(self, call: Call) -> Reply:
        known, standing = self._own(call)
        return _private({**_version(known), **trophy_rows.earned(_one(call, known), standing)})

    def appearance(self, call: Call) -> Reply:
        if call.parameters["account"] != "me":
            raise TROPHY.not_permitted()
        _, standing = self._own(call)
        visibility = "private" if standing.hidden else "public"
        return _private(
            {
                "visibility": visibility,
                "revealAllTrophies": False,
                "canDisplayAllTrophies": True,
                "isSet": standing.hidden,
            }
        )

    def _people(self, call: Call) -> tuple[Account, Account]:
        """Who asks, and about whom."""
        caller = self.state.caller(call, TROPHY)
        asked = call.parameters["account"]
        if asked == "me":
            return caller, caller
        if not asked.isdigit():
            raise TROPHY.bad_request("path: sort")
        account = self.state.world.accounts.get(asked)
        if account is None:
            raise TROPHY.not_found()
        if account.private and account != caller:
            raise TROPHY.not_permitted()
        return caller, account

    def _visible(self, caller: Account, account: Account) -> list[_Held]:
        held = self.state.world.held(account.account_id)
        return [one for one in held if account == caller or not one[1].hidden]

    def _game(self, np_title_id: str) -> Game:
        game = self.state.world.games.get(np_title_id)
        if game is None or not game.sets:
            raise TROPHY.not_found(f"npTitleId='{np_title_id}'")
        return game

    def _disordered(self, games: Sequence[Game]) -> list[Game]:
        """The answer never comes in the order of the question."""
        if self.state.settings["shuffle_batches"]:
            return sorted(games, key=lambda game: hashlib.sha1(game.np_title_id.encode()).digest())  # noqa: S324 - no secret
        return list(reversed(games))

    def _set(self, call: Call) -> TrophySet:
        """An unknown id and a wrong service cannot be told apart."""
        service = call.query.get("npServiceName", "trophy2")
        if service not in ("trophy", "trophy2"):
            raise TROPHY.bad_request("query: npServiceName")
        known = self.state.world.sets.get(call.parameters["set"])
        if known is None or known.service != service:
            raise TROPHY.not_found()
        return known

    def _own(self, call: Call) -> _Held:
        caller, account = self._people(call)
        known = self._set(call)
        standing = self.state.world.standing(account.account_id, known.np_communication_id)
        if standing is None or (standing.hidden and account != caller):
            raise TROPHY.not_found()
        return known, standing


def _newest_first(held: list[_Held]) -> list[_Held]:
    by_id = sorted(held, key=lambda one: one[0].np_communication_id)
    return sorted(by_id, key=lambda one: one[1].updated, reverse=True)


def _np_title_ids(call: Call) -> list[str]:
    """At most five; a trailing comma is tolerated."""
    given = [part for part in call.query.get("npTitleIds", "").split(",") if part]
    ids = list(dict.fromkeys(given))
    if not 1 <= len(ids) <= 5:
        raise TROPHY.bad_request("query: npTitleId")
    return ids


def _title_of_game(call: Call, caller: Account, known: TrophySet, standing: Standing) -> Json:
    texts = partial(words, call=call, account=caller)
    row = trophy_rows.title_of_game(known, standing, texts)
    if call.query.get("includeNotEarnedTrophyIds") == "true":
        row["notEarnedTrophyIds"] = trophy_rows.not_earned(known, standing)
    return row


def _in_group(call: Call, known: TrophySet) -> Sequence[Trophy]:
    group_id = call.parameters["group"]
    if group_id == "all":
        return known.trophies
    if group_id not in (group.group_id for group in known.groups):
        raise TROPHY.not_found()
    return known.group(group_id)


def _one(call: Call, known: TrophySet) -> Trophy:
    for trophy in known.trophies:
        if str(trophy.trophy_id) == call.parameters["trophy"]:
            return trophy
    raise TROPHY.not_found()


def _trophy_page(
    call: Call, known: TrophySet, trophies: Sequence[Trophy], show: Callable[[Trophy], Json]
) -> Json:
    limit = number(call, "limit", max(len(trophies), 1), TROPHY)
    offset = number(call, "offset", 0, TROPHY)
    rows = [show(trophy) for trophy in trophies[offset : offset + limit]]
    return {**_version(known), **_page("trophies", rows, offset, len(trophies))}


def _version(known: TrophySet) -> Json:
    return {"trophySetVersion": known.version, "hasTrophyGroups": len(known.groups) > 1}


def _page(name: str, rows: list[Json], offset: int, total: int) -> Json:
    return {name: rows, **cursors(offset, len(rows), total), "totalItemCount": total}


def _private(body: Json) -> Reply:
    return Reply(200, body, dict(PRIVATE))


def _shared(body: Json) -> Reply:
    return Reply(200, body, dict(_SHARED))
