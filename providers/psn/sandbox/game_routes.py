"""The game list, the catalogue and the entitlements; the game list has its own error format."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from providers.kit.sandbox import SandboxRequest, SandboxResponse
from providers.psn.sandbox.models import Account, Game, Json, PlayedGame
from providers.psn.sandbox.request_handling import (
    MOBILE_HOST,
    NO_STORE_HEADERS,
    OTHER_ERRORS,
    PRIVATE_HEADERS,
    ApiError,
    Routes,
    negotiate_language,
    parse_number,
)
from providers.psn.sandbox.state import SandboxState

_DEFAULT_LIMIT = 10


@dataclass(frozen=True)
class GameRoutes:
    state: SandboxState

    def list_routes(self) -> Routes:
        return [
            (
                "GET",
                f"{MOBILE_HOST}/api/gamelist/v2/users/{{account}}/titles",
                self.list_played_games,
            ),
            ("GET", f"{MOBILE_HOST}/api/catalog/v2/titles/{{title}}/concepts", self.list_concepts),
            (
                "GET",
                f"{MOBILE_HOST}/api/entitlement/v2/users/me/internal/entitlements",
                self.list_entitlements,
            ),
        ]

    def list_played_games(self, request: SandboxRequest) -> SandboxResponse:
        account = self._find_account(request, self._authenticate(request))
        limit, offset = self._parse_page(request)
        rows = [
            (played, self.state.database.games[played.np_title_id])
            for played in self.state.database.played_games.get(account.account_id, [])
        ]
        categories = request.query.get("categories", "").split(",")
        rows = [row for row in rows if categories == [""] or row[1].category in categories]
        shown = rows[offset : offset + limit]
        next_offset = offset + len(shown)
        body: Json = {
            "titles": [self._serialize_played_game(request, *row) for row in shown],
            "nextOffset": next_offset if next_offset < len(rows) else None,
            "previousOffset": max(offset - limit, 0),
            "totalItemCount": len(rows),
        }
        return SandboxResponse(200, body, dict(NO_STORE_HEADERS))

    def list_concepts(self, request: SandboxRequest) -> SandboxResponse:
        self.state.authenticate(request, OTHER_ERRORS)
        game = self.state.database.games.get(request.parameters["title"])
        if game is None or game.concept_id is None:
            raise OTHER_ERRORS.build_not_found()
        concept = self._serialize_concept(game, negotiate_language(request))
        concept["publisherName"] = "Sample Publisher"
        concept["minimumAge"] = 7
        concept["releaseDate"] = {"type": "DAY_MONTH_YEAR"}
        concept["starRating"] = {"total": "120", "score": "4.50", "count": []}
        return SandboxResponse(200, [concept], {"Cache-Control": "max-age=300"})

    def list_entitlements(self, request: SandboxRequest) -> SandboxResponse:
        caller = self.state.authenticate(request, OTHER_ERRORS)
        limit = parse_number(request, "limit", 100, OTHER_ERRORS)
        start = parse_number(request, "offset", 0, OTHER_ERRORS)
        games = self.state.database.games
        owned = [
            games[played.np_title_id]
            for played in self.state.database.played_games.get(caller.account_id, [])
        ]
        rows = [_serialize_entitlement(game) for game in owned[start : start + limit]]
        body = {"revisionId": 1, "start": start, "totalResults": len(owned), "entitlements": rows}
        return SandboxResponse(200, body, dict(PRIVATE_HEADERS))

    def _authenticate(self, request: SandboxRequest) -> Account:
        # Of all services, only this one distinguishes the case of `Bearer`.
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        account = self.state.find_token_owner(token) if scheme == "Bearer" else None
        if account is None:
            raise _build_error(
                request, 401, 3239954, "MissingAuthCredentials", "Missing credentials"
            )
        return account

    def _find_account(self, request: SandboxRequest, caller: Account) -> Account:
        account_id = request.parameters["account"]
        account = caller if account_id == "me" else self.state.database.accounts.get(account_id)
        if account is None:
            raise _build_error(request, 404, 3239949, "NotFound", "User not found")
        if account.private and account != caller:
            raise _build_error(request, 403, 3241984, "HiddenGamelist", "The game list is hidden")
        return account

    def _parse_page(self, request: SandboxRequest) -> tuple[int, int]:
        limit, offset = (
            request.query.get(name, default)
            for name, default in (("limit", str(_DEFAULT_LIMIT)), ("offset", "0"))
        )
        if not limit.isdigit() or not offset.isdigit() or int(limit) < 1:
            raise _build_error(request, 400, 3239940, "BadRequest", "Invalid paging", "Gamelist")
        max_limit = self.state.settings["game_list_limit"]
        if int(limit) > max_limit and self.state.settings["cut_silently"]:
            return max_limit, int(offset)
        if int(limit) > max_limit:
            text = f"Requested limit {limit} exceeds the allowed limit {max_limit}"
            raise _build_error(request, 400, 3239940, "BadRequest", text, "Gamelist")
        return int(limit), int(offset)

    def _serialize_played_game(
        self, request: SandboxRequest, played: PlayedGame, game: Game
    ) -> Json:
        tag = negotiate_language(request)
        picture = _build_picture_url(game)
        return {
            "titleId": game.np_title_id,
            "name": game.name["en-US"],
            "localizedName": game.name[tag],
            "imageUrl": picture,
            "localizedImageUrl": picture,
            "category": game.category,
            "service": played.service,
            "playCount": played.play_count,
            "concept": None if game.concept_id is None else self._serialize_concept(game, tag),
            "media": _serialize_media(game),
            "firstPlayedDateTime": played.first_played_at,
            "lastPlayedDateTime": played.last_played_at,
            "playDuration": played.play_duration,
        }

    def _serialize_concept(self, game: Game, tag: str) -> Json:
        builds = [
            build.np_title_id
            for build in self.state.database.games.values()
            if build.concept_id == game.concept_id
        ]
        return {
            "id": game.concept_id,
            "titleIds": builds,
            "name": game.name[tag],
            "media": _serialize_media(game),
            "genres": list(game.genres),
            "localizedName": {"defaultLanguage": "en-US", "metadata": dict(game.name)},
            "country": "US",
            "language": tag.partition("-")[0],
        }


def _build_picture_url(game: Game) -> str:
    return f"https://image.invalid/game/{game.np_title_id}.png"


def _serialize_media(game: Game) -> Json:
    image = {"url": _build_picture_url(game), "format": "UNKNOWN", "type": "MASTER"}
    return {"audios": [], "videos": [], "images": [image]}


def _serialize_entitlement(game: Game) -> Json:
    # Here a concept's id is a string; in the game list it is a number.
    return {
        "id": f"UP0000-{game.np_title_id}-SANDBOX000000000",
        "productId": _build_product_id(game),
        "skuId": f"{_build_product_id(game)}-E001",
        "activeDate": "2024-01-01T00:00:00.000Z",
        "activeFlag": True,
        "entitlementType": 5,
        "titleMeta": {
            "titleId": game.np_title_id,
            "name": game.name["en-US"],
            "imageUrl": _build_picture_url(game),
        },
        "conceptMeta": {
            "conceptId": game.concept_text,
            "name": game.name["en-US"],
            "iconUrl": _build_picture_url(game),
            "minimumAge": 7,
        },
        "gameMeta": {
            "name": game.name["en-US"],
            "type": game.category,
            "iconUrl": _build_picture_url(game),
            "packageType": "PSGD" if game.platform == "PS5" else "PS4GD",
        },
        "isGame": bool(game.trophy_set_ids),
    }


def _build_product_id(game: Game) -> str:
    return f"UP0000-{game.np_title_id}-SAMPLEGAME{game.np_title_id[4:9]:0>6}"


def _build_error(
    request: SandboxRequest,
    status: int,
    code: int,
    reason: str,
    message: str,
    source: str | None = None,
) -> ApiError:
    details = {
        "path": request.path,
        "durationMs": 3,
        "timestamp": datetime.now(UTC).isoformat(),
        "httpStatusCode": status,
    }
    error = {
        "namespace": "aang",
        "code": code,
        "reason": reason,
        "message": message,
        "source": source,
        "referenceId": None if source is None else str(uuid.uuid4()),
        "details": details,
    }
    return ApiError(SandboxResponse(status, {"error": error}, dict(NO_STORE_HEADERS)))
