"""The trophy service: summary, titles, groups and trophies, as defined and as earned."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from providers.kit.sandbox import SandboxRequest, SandboxResponse
from providers.psn.sandbox import trophy_scoring, trophy_serializers
from providers.psn.sandbox.models import Account, Game, Json, Trophy, TrophySet, TrophySetProgress
from providers.psn.sandbox.request_handling import (
    MOBILE_HOST,
    PRIVATE_HEADERS,
    TROPHY_ERRORS,
    Routes,
    build_page_offsets,
    parse_number,
    translate,
)
from providers.psn.sandbox.state import SandboxState

_BASE = f"{MOBILE_HOST}/api/trophy/v1"
_USER_BASE = f"{_BASE}/users/{{account}}"
_SET_PATH = "npCommunicationIds/{set}"
_SHARED_HEADERS = {"Cache-Control": "max-age=300"}
_SetAndProgress = tuple[TrophySet, TrophySetProgress]


@dataclass(frozen=True)
class TrophyRoutes:
    state: SandboxState

    def list_routes(self) -> Routes:
        return [
            ("GET", f"{_USER_BASE}/trophySummary", self.get_summary),
            ("GET", f"{_USER_BASE}/trophyTitles", self.list_titles),
            ("GET", f"{_USER_BASE}/titles/trophyTitles", self.list_titles_of_games),
            ("GET", f"{_BASE}/{_SET_PATH}/trophyGroups", self.list_groups),
            ("GET", f"{_USER_BASE}/{_SET_PATH}/trophyGroups", self.list_earned_groups),
            ("GET", f"{_BASE}/{_SET_PATH}/trophyGroups/{{group}}/trophies", self.list_trophies),
            (
                "GET",
                f"{_USER_BASE}/{_SET_PATH}/trophyGroups/{{group}}/trophies",
                self.list_earned_trophies,
            ),
            ("GET", f"{_BASE}/{_SET_PATH}/trophies/{{trophy}}", self.get_trophy),
            ("GET", f"{_USER_BASE}/{_SET_PATH}/trophies/{{trophy}}", self.get_earned_trophy),
            ("GET", f"{_USER_BASE}/{_SET_PATH}/appearanceSetting", self.get_appearance),
        ]

    def get_summary(self, request: SandboxRequest) -> SandboxResponse:
        _, account = self._resolve_accounts(request)
        row = trophy_scoring.build_summary(
            account.account_id, self.state.database.list_progress(account.account_id)
        )
        if self.state.settings["trophy_level_as_string"]:
            row["trophyLevel"] = str(row["trophyLevel"])
        return _build_private_response(row)

    def list_titles(self, request: SandboxRequest) -> SandboxResponse:
        caller, account = self._resolve_accounts(request)
        limit = self.state.parse_limit(request, 100, TROPHY_ERRORS, "title_list_limit")
        offset = parse_number(request, "offset", 0, TROPHY_ERRORS)
        visible = _sort_newest_first(self._list_visible(caller, account))
        shown = visible[offset : offset + limit]
        translate_text = partial(translate, request=request, account=caller)
        rows = [trophy_serializers.serialize_title(*pair, translate_text) for pair in shown]
        return _build_private_response(_build_page("trophyTitles", rows, offset, len(visible)))

    def list_titles_of_games(self, request: SandboxRequest) -> SandboxResponse:
        caller, account = self._resolve_accounts(request)
        np_title_ids = self.state.apply_limit(
            "product_batch_limit",
            _parse_np_title_ids(request),
            lambda: TROPHY_ERRORS.build_bad_request("query: npTitleId"),
        )
        games = [self._find_game(np_title_id) for np_title_id in np_title_ids]
        visible = {
            trophy_set.np_communication_id: (trophy_set, progress)
            for trophy_set, progress in self._list_visible(caller, account)
        }
        rows: list[Json] = []
        for game in self._shuffle(games):
            pairs = [visible[set_id] for set_id in game.trophy_set_ids if set_id in visible]
            titles = [_serialize_title_of_game(request, caller, *pair) for pair in pairs]
            rows.append({"npTitleId": game.np_title_id, "trophyTitles": titles})
        return _build_private_response({"titles": rows})

    def list_groups(self, request: SandboxRequest) -> SandboxResponse:
        caller = self.state.authenticate(request, TROPHY_ERRORS)
        trophy_set = self._find_trophy_set(request)
        return _build_shared_response(
            trophy_serializers.serialize_groups(
                trophy_set, partial(translate, request=request, account=caller)
            )
        )

    def list_earned_groups(self, request: SandboxRequest) -> SandboxResponse:
        return _build_private_response(
            trophy_serializers.serialize_earned_groups(*self._find_progress(request))
        )

    def list_trophies(self, request: SandboxRequest) -> SandboxResponse:
        caller = self.state.authenticate(request, TROPHY_ERRORS)
        trophy_set = self._find_trophy_set(request)
        translate_text = partial(translate, request=request, account=caller)
        serialize = partial(
            trophy_serializers.serialize_trophy, trophy_set=trophy_set, translate=translate_text
        )
        return _build_shared_response(
            _build_trophy_page(
                request, trophy_set, _filter_by_group(request, trophy_set), serialize
            )
        )

    def list_earned_trophies(self, request: SandboxRequest) -> SandboxResponse:
        trophy_set, progress = self._find_progress(request)
        trophies = _filter_by_group(request, trophy_set)
        serialize = partial(trophy_serializers.serialize_earned_trophy, progress=progress)
        page = _build_trophy_page(request, trophy_set, trophies, serialize)
        page["lastUpdatedDateTime"] = progress.updated_at
        rarest = trophy_serializers.serialize_rarest(trophies, progress)
        if rarest:
            page["rarestTrophies"] = rarest
        return _build_private_response(page)

    def get_trophy(self, request: SandboxRequest) -> SandboxResponse:
        caller = self.state.authenticate(request, TROPHY_ERRORS)
        trophy_set = self._find_trophy_set(request)
        translate_text = partial(translate, request=request, account=caller)
        row = trophy_serializers.serialize_trophy(
            _find_trophy(request, trophy_set), trophy_set, translate_text
        )
        return _build_shared_response({**_serialize_version(trophy_set), **row})

    def get_earned_trophy(self, request: SandboxRequest) -> SandboxResponse:
        trophy_set, progress = self._find_progress(request)
        return _build_private_response(
            {
                **_serialize_version(trophy_set),
                **trophy_serializers.serialize_earned_trophy(
                    _find_trophy(request, trophy_set), progress
                ),
            }
        )

    def get_appearance(self, request: SandboxRequest) -> SandboxResponse:
        if request.parameters["account"] != "me":
            raise TROPHY_ERRORS.build_not_permitted()
        _, progress = self._find_progress(request)
        visibility = "private" if progress.hidden else "public"
        return _build_private_response(
            {
                "visibility": visibility,
                "revealAllTrophies": False,
                "canDisplayAllTrophies": True,
                "isSet": progress.hidden,
            }
        )

    def _resolve_accounts(self, request: SandboxRequest) -> tuple[Account, Account]:
        """Return the caller, and the account in the path."""
        caller = self.state.authenticate(request, TROPHY_ERRORS)
        account_id = request.parameters["account"]
        if account_id == "me":
            return caller, caller
        if not account_id.isdigit():
            raise TROPHY_ERRORS.build_bad_request("path: sort")
        account = self.state.database.accounts.get(account_id)
        if account is None:
            raise TROPHY_ERRORS.build_not_found()
        if account.private and account != caller:
            raise TROPHY_ERRORS.build_not_permitted()
        return caller, account

    def _list_visible(self, caller: Account, account: Account) -> list[_SetAndProgress]:
        progress_list = self.state.database.list_progress(account.account_id)
        return [
            (trophy_set, progress)
            for trophy_set, progress in progress_list
            if account == caller or not progress.hidden
        ]

    def _find_game(self, np_title_id: str) -> Game:
        game = self.state.database.games.get(np_title_id)
        if game is None or not game.trophy_set_ids:
            raise TROPHY_ERRORS.build_not_found(f"npTitleId='{np_title_id}'")
        return game

    def _shuffle(self, games: Sequence[Game]) -> list[Game]:
        # The rows of the upstream are never in the order of the request.
        if self.state.settings["shuffle_batches"]:
            return sorted(games, key=lambda game: hashlib.sha1(game.np_title_id.encode()).digest())  # noqa: S324 - no secret
        return list(reversed(games))

    def _find_trophy_set(self, request: SandboxRequest) -> TrophySet:
        """Return the set; an unknown id and a wrong service raise the same error."""
        service = request.query.get("npServiceName", "trophy2")
        if service not in ("trophy", "trophy2"):
            raise TROPHY_ERRORS.build_bad_request("query: npServiceName")
        trophy_set = self.state.database.trophy_sets.get(request.parameters["set"])
        if trophy_set is None or trophy_set.service != service:
            raise TROPHY_ERRORS.build_not_found()
        return trophy_set

    def _find_progress(self, request: SandboxRequest) -> _SetAndProgress:
        caller, account = self._resolve_accounts(request)
        trophy_set = self._find_trophy_set(request)
        progress = self.state.database.find_progress(
            account.account_id, trophy_set.np_communication_id
        )
        if progress is None or (progress.hidden and account != caller):
            raise TROPHY_ERRORS.build_not_found()
        return trophy_set, progress


def _sort_newest_first(progress_list: list[_SetAndProgress]) -> list[_SetAndProgress]:
    by_id = sorted(progress_list, key=lambda pair: pair[0].np_communication_id)
    return sorted(by_id, key=lambda pair: pair[1].updated_at, reverse=True)


def _parse_np_title_ids(request: SandboxRequest) -> list[str]:
    """Return distinct ids; a trailing comma is allowed."""
    parts = [part for part in request.query.get("npTitleIds", "").split(",") if part]
    ids = list(dict.fromkeys(parts))
    if not ids:
        raise TROPHY_ERRORS.build_bad_request("query: npTitleId")
    return ids


def _serialize_title_of_game(
    request: SandboxRequest, caller: Account, trophy_set: TrophySet, progress: TrophySetProgress
) -> Json:
    translate_text = partial(translate, request=request, account=caller)
    row = trophy_serializers.serialize_title_of_game(trophy_set, progress, translate_text)
    if request.query.get("includeNotEarnedTrophyIds") == "true":
        row["notEarnedTrophyIds"] = trophy_serializers.list_unearned_ids(trophy_set, progress)
    return row


def _filter_by_group(request: SandboxRequest, trophy_set: TrophySet) -> Sequence[Trophy]:
    group_id = request.parameters["group"]
    if group_id == "all":
        return trophy_set.trophies
    if group_id not in (group.group_id for group in trophy_set.groups):
        raise TROPHY_ERRORS.build_not_found()
    return trophy_set.get_group_trophies(group_id)


def _find_trophy(request: SandboxRequest, trophy_set: TrophySet) -> Trophy:
    for trophy in trophy_set.trophies:
        if str(trophy.trophy_id) == request.parameters["trophy"]:
            return trophy
    raise TROPHY_ERRORS.build_not_found()


def _build_trophy_page(
    request: SandboxRequest,
    trophy_set: TrophySet,
    trophies: Sequence[Trophy],
    serialize: Callable[[Trophy], Json],
) -> Json:
    limit = parse_number(request, "limit", max(len(trophies), 1), TROPHY_ERRORS)
    offset = parse_number(request, "offset", 0, TROPHY_ERRORS)
    rows = [serialize(trophy) for trophy in trophies[offset : offset + limit]]
    return {
        **_serialize_version(trophy_set),
        **_build_page("trophies", rows, offset, len(trophies)),
    }


def _serialize_version(trophy_set: TrophySet) -> Json:
    return {"trophySetVersion": trophy_set.version, "hasTrophyGroups": len(trophy_set.groups) > 1}


def _build_page(name: str, rows: list[Json], offset: int, total: int) -> Json:
    return {name: rows, **build_page_offsets(offset, len(rows), total), "totalItemCount": total}


def _build_private_response(body: Json) -> SandboxResponse:
    return SandboxResponse(200, body, dict(PRIVATE_HEADERS))


def _build_shared_response(body: Json) -> SandboxResponse:
    return SandboxResponse(200, body, dict(_SHARED_HEADERS))
