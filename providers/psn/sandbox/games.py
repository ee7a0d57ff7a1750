"""The game list with its own envelope, the catalogue, and what an account owns."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from providers.kit.sandbox import Call, Reply
from providers.psn.sandbox.answer import (
    MOBILE,
    NEVER_STORED,
    OTHER,
    PRIVATE,
    RefusedError,
    Routes,
    language,
    number,
)
from providers.psn.sandbox.model import Account, Game, Json, Played
from providers.psn.sandbox.state import State

_DEFAULT_LIMIT = 10


@dataclass(frozen=True)
class Games:
    state: State

    def routes(self) -> Routes:
        return [
            ("GET", f"{MOBILE}/api/gamelist/v2/users/{{account}}/titles", self.played),
            ("GET", f"{MOBILE}/api/catalog/v2/titles/{{title}}/concepts", self.concepts),
            (
                "GET",
                f"{MOBILE}/api/entitlement/v2/users/me/internal/entitlements",
                self.entitlements,
            ),
        ]

    def played(self, call: Call) -> Reply:
        account = self._account(call, self._caller(call))
        limit, offset = self._page(call)
        rows = [
            (one, self.state.world.games[one.np_title_id])
            for one in self.state.world.played.get(account.account_id, [])
        ]
        wanted = call.query.get("categories", "").split(",")
        rows = [row for row in rows if wanted == [""] or row[1].category in wanted]
        shown = rows[offset : offset + limit]
        following = offset + len(shown)
        body: Json = {
            "titles": [self._row(call, *row) for row in shown],
            "nextOffset": following if following < len(rows) else None,
            "previousOffset": max(offset - limit, 0),
            "totalItemCount": len(rows),
        }
        return Reply(200, body, dict(NEVER_STORED))

    def concepts(self, call: Call) -> Reply:
        self.state.caller(call, OTHER)
        game = self.state.world.games.get(call.parameters["title"])
        if game is None or game.concept_id is None:
            raise OTHER.not_found()
        concept = self._concept(game, language(call))
        concept["publisherName"] = "Sample Publisher"
        concept["minimumAge"] = 7
        concept["releaseDate"] = {"type": "DAY_MONTH_YEAR"}
        concept["starRating"] = {"total": "120", "score": "4.50", "count": []}
        return Reply(200, [concept], {"Cache-Control": "max-age=300"})

    def entitlements(self, call: Call) -> Reply:
        caller = self.state.caller(call, OTHER)
        limit = number(call, "limit", 100, OTHER)
        start = number(call, "offset", 0, OTHER)
        games = self.state.world.games
        owned = [
            games[one.np_title_id] for one in self.state.world.played.get(caller.account_id, [])
        ]
        rows = [_entitlement(game) for game in owned[start : start + limit]]
        body = {"revisionId": 1, "start": start, "totalResults": len(owned), "entitlements": rows}
        return Reply(200, body, dict(PRIVATE))

    def _caller(self, call: Call) -> Account:
        """Unlike all others, this service insists on the capital letter of `Bearer`."""
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        account = self.state.holder(token) if scheme == "Bearer" else None
        if account is None:
            raise _refused(call, 401, 3239954, "MissingAuthCredentials", "Missing credentials")
        return account

    def _account(self, call: Call, caller: Account) -> Account:
        asked = call.parameters["account"]
        account = caller if asked == "me" else self.state.world.accounts.get(asked)
        if account is None:
            raise _refused(call, 404, 3239949, "NotFound", "User not found")
        if account.private and account != caller:
            raise _refused(call, 403, 3241984, "HiddenGamelist", "The game list is hidden")
        return account

    def _page(self, call: Call) -> tuple[int, int]:
        limit, offset = (
            call.query.get(name, default)
            for name, default in (("limit", str(_DEFAULT_LIMIT)), ("offset", "0"))
        )
        if not limit.isdigit() or not offset.isdigit() or int(limit) < 1:
            raise _refused(call, 400, 3239940, "BadRequest", "Invalid paging", "Gamelist")
        most = self.state.settings["game_list_limit"]
        if int(limit) > most:
            text = f"Requested limit {limit} exceeds the allowed limit {most}"
            raise _refused(call, 400, 3239940, "BadRequest", text, "Gamelist")
        return int(limit), int(offset)

    def _row(self, call: Call, played: Played, game: Game) -> Json:
        tag = language(call)
        picture = _picture(game)
        return {
            "titleId": game.np_title_id,
            "name": game.name["en-US"],
            "localizedName": game.name[tag],
            "imageUrl": picture,
            "localizedImageUrl": picture,
            "category": game.category,
            "service": played.service,
            "playCount": played.count,
            "concept": None if game.concept_id is None else self._concept(game, tag),
            "media": _media(game),
            "firstPlayedDateTime": played.first,
            "lastPlayedDateTime": played.last,
            "playDuration": played.duration,
        }

    def _concept(self, game: Game, tag: str) -> Json:
        builds = [
            one.np_title_id
            for one in self.state.world.games.values()
            if one.concept_id == game.concept_id
        ]
        return {
            "id": game.concept_id,
            "titleIds": builds,
            "name": game.name[tag],
            "media": _media(game),
            "genres": list(game.genres),
            "localizedName": {"defaultLanguage": "en-US", "metadata": dict(game.name)},
            "country": "US",
            "language": tag.partition("-")[0],
        }


def _picture(game: Game) -> str:
    return f"https://image.invalid/game/{game.np_title_id}.png"


def _media(game: Game) -> Json:
    image = {"url": _picture(game), "format": "UNKNOWN", "type": "MASTER"}
    return {"audios": [], "videos": [], "images": [image]}


def _entitlement(game: Game) -> Json:
    """Here a concept's id is a string; in the game list it is a number."""
    return {
        "id": f"UP0000-{game.np_title_id}-SANDBOX000000000",
        "productId": product_id(game),
        "skuId": f"{product_id(game)}-E001",
        "activeDate": "2024-01-01T00:00:00.000Z",
        "activeFlag": True,
        "entitlementType": 5,
        "titleMeta": {
            "titleId": game.np_title_id,
            "name": game.name["en-US"],
            "imageUrl": _picture(game),
        },
        "conceptMeta": {
            "conceptId": game.concept_text,
            "name": game.name["en-US"],
            "iconUrl": _picture(game),
            "minimumAge": 7,
        },
        "gameMeta": {
            "name": game.name["en-US"],
            "type": game.category,
            "iconUrl": _picture(game),
            "packageType": "PSGD" if game.platform == "PS5" else "PS4GD",
        },
        "isGame": bool(game.sets),
    }


def product_id(game: Game) -> str:
    return f"UP0000-{game.np_title_id}-SAMPLEGAME{game.np_title_id[4:9]:0>6}"


def _refused(
    call: Call, status: int, code: int, reason: str, message: str, source: str | None = None
) -> RefusedError:
    details = {
        "path": call.path,
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
    return RefusedError(Reply(status, {"error": error}, dict(NEVER_STORED)))
