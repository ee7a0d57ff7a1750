"""Rows about accounts: profiles, presences, and the older profile with its own names."""

import base64
from collections.abc import Iterable

from providers.psn.sandbox.models import Account, Game, Json

_AVATARS_BASE = "image.invalid/avatar"


def serialize_profile(account: Account, caller: Account, *, is_friend: bool) -> Json:
    row: Json = {
        "onlineId": account.online_id,
        "aboutMe": account.about,
        "avatars": [
            {"size": size, "url": f"http://{_AVATARS_BASE}/{account.account_id}_{size}.png"}
            for size in ("s", "xl", "l", "m")
        ],
        "languages": list(account.languages),
        "isPlus": account.plus,
        "isOfficiallyVerified": account.verified,
        "isMe": account == caller,
    }
    if account.real_name and (is_friend or account == caller):
        row["personalDetail"] = _serialize_personal_detail(account.real_name)
    return row


def _serialize_personal_detail(name: tuple[str, str]) -> Json:
    picture = f"https://{_AVATARS_BASE}/picture_{name[0].lower()}.png"
    return {
        "firstName": name[0],
        "lastName": name[1],
        "profilePictures": [{"size": "xl", "url": picture}],
    }


def serialize_presence(account: Account, game: Game | None) -> Json:
    # The dates are sent only when offline, the list of games only while one is running.
    if account.last_online_at is not None:
        offline = {
            "onlineStatus": "offline",
            "platform": "PS4",
            "lastOnlineDate": account.last_online_at,
        }
        return {
            "availability": "unavailable",
            "lastAvailableDate": account.last_online_at,
            "primaryPlatformInfo": offline,
        }
    platform = "PS5" if game is None else game.platform
    row: Json = {
        "availability": "availableToPlay",
        "primaryPlatformInfo": {"onlineStatus": "online", "platform": platform},
    }
    if game is not None:
        row["gameTitleInfoList"] = [_serialize_running_game(game)]
    return row


def _serialize_running_game(game: Game) -> Json:
    picture = f"https://image.invalid/game/{game.np_title_id}.png"
    icon = "conceptIconUrl" if game.platform == "PS5" else "npTitleIconUrl"
    return {
        "npTitleId": game.np_title_id,
        "titleName": game.name["en-US"],
        "format": game.platform,
        "launchPlatform": game.platform,
        icon: picture,
    }


def serialize_legacy_profile(
    account: Account, shown_online_id: str, summary: Json | None, relation: str, game: Game | None
) -> Json:
    """Serialize all members of the older profile; a request selects some of them."""
    row: Json = {
        "onlineId": shown_online_id,
        "accountId": account.account_id,
        "npId": build_np_id(account),
        "avatarUrls": [
            {"size": size, "avatarUrl": f"http://{_AVATARS_BASE}/{account.account_id}_{size}.png"}
            for size in ("m", "xl")
        ],
        "plus": int(account.plus),
        "aboutMe": account.about,
        "languagesUsed": [tag.partition("-")[0] for tag in account.languages],
        "isOfficiallyVerified": account.verified,
        "personalDetailSharing": "no",
        "personalDetailSharingRequestMessageFlag": False,
        "friendRelation": relation,
        "requestMessageFlag": False,
        "blocking": False,
        "following": False,
        "consoleAvailability": {"availabilityStatus": "offline"},
    }
    if account.former_online_id is not None:
        row["currentOnlineId"] = account.online_id
    if summary is not None:
        row["trophySummary"] = _serialize_legacy_summary(summary)
    if not account.private:
        row.update(_serialize_legacy_presence(account, game))
    if account.real_name and relation == "friend":
        row["personalDetailSharing"] = "shared"
        row["personalDetail"] = _serialize_legacy_personal_detail(account.real_name)
    return row


def build_np_id(account: Account) -> str:
    return base64.b64encode(f"{account.online_id}@a1.{account.region}".encode()).decode()


def _serialize_legacy_summary(summary: Json) -> Json:
    return {
        "level": summary["trophyLevel"],
        "progress": summary["progress"],
        "earnedTrophies": summary["earnedTrophies"],
    }


def _serialize_legacy_personal_detail(name: tuple[str, str]) -> Json:
    row = _serialize_personal_detail(name)
    pictures = row.pop("profilePictures")
    row["profilePictureUrls"] = [
        {"size": picture["size"], "profilePictureUrl": picture["url"]} for picture in pictures
    ]
    return row


def _serialize_legacy_presence(account: Account, game: Game | None) -> Json:
    online = account.last_online_at is None
    status = "online" if online else "offline"
    row: Json = {"onlineStatus": status, "hasBroadcastData": False}
    if not online:
        row["lastOnlineDate"] = account.last_online_at
    elif game is not None:
        row["platform"] = game.platform
        row["npTitleId"] = game.np_title_id
        row["titleName"] = game.name["en-US"]
    return {"primaryOnlineStatus": status, "presences": [row]}


def serialize_search_hit(account: Account, term: str, score: float) -> Json:
    """Serialize one hit of a search for accounts."""
    highlighted = account.online_id.replace(term, f"<em>{term}</em>")
    return {
        "id": account.account_id,
        "type": "social",
        "score": score,
        "relevancyScore": score,
        "socialMetadata": {
            "accountId": account.account_id,
            "country": account.region.upper(),
            "language": account.languages[0].partition("-")[0],
            "onlineId": account.online_id,
            "isPsPlus": account.plus,
            "isOfficiallyVerified": account.verified,
            "avatarUrl": f"http://{_AVATARS_BASE}/{account.account_id}_l.png",
            "verifiedUserName": account.online_id if account.verified else "",
            "highlights": {"onlineId": [highlighted]},
        },
    }


def rank_matches(
    accounts: Iterable[Account], caller: Account, term: str
) -> list[tuple[Account, float]]:
    """Return the matching accounts with their scores, best first.

    A verified account ranks higher than an exact match.
    """
    folded_term = term.lower()
    scored = [
        (account, round(100 * len(folded_term) / len(name), 3) + 100 * account.verified)
        for account in accounts
        if account.searchable and account != caller
        for name in [_find_matching_name(account, folded_term)]
        if name
    ]
    return sorted(scored, key=lambda pair: pair[1], reverse=True)


def _find_matching_name(account: Account, folded_term: str) -> str | None:
    return next((name for name in account.online_ids if folded_term in name.lower()), None)
