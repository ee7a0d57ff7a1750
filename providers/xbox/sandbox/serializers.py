"""Xbox Live's own JSON, as recorded responses have it."""

from datetime import UTC, datetime

from providers.xbox.sandbox.database import Database, is_earned
from providers.xbox.sandbox.models import (
    Achievement,
    Json,
    PlayedTitle,
    Player,
    State,
    Title,
)

NO_TIME = "0001-01-01T00:00:00.0000000Z"
X360_NO_TIME = "1753-01-01T00:00:00.0000000Z"
# That of every row of a set without a player.
X360_SET_TIME = "2002-11-15T00:00:00.0000000Z"
IMAGE_BASE_URL = "https://images-eds-ssl.xboxlive.com/image?url="
SERVICE_CONFIG_ID = "00000000-0000-0000-0000-0000{:08x}"


def serialize_title(database: Database, player: Player, title: Title, language: str) -> Json:
    """Serialize a row of a title list; most modern rows do not tell how many there are."""
    played = player.titles[title.title_id]
    earned = [each for each in title.achievements if is_earned(played.states.get(each.id))]
    gamerscore = database.compute_title_gamerscore(title, played)
    tells_total = title.is_x360 or not earned
    row: Json = {
        "titleId": str(title.title_id),
        "pfn": None,
        "name": _translate(title, "", title.name, language),
        "type": "Game",
        "mediaItemType": title.media_item_type,
        "modernTitleId": str(title.title_id),
        "devices": list(title.devices),
        "displayImage": f"http://store-images.s-microsoft.com/image/apps.{title.title_id}",
        "isBundle": False,
        "achievement": {
            "currentAchievements": len(earned),
            "totalAchievements": len(title.achievements) if tells_total else 0,
            "currentGamerscore": gamerscore,
            "totalGamerscore": title.gamerscore,
            "progressPercentage": 100 * gamerscore // max(1, title.gamerscore),
            "sourceVersion": _get_source_version(title),
        },
        "images": _serialize_images(title),
        "detail": _serialize_detail(title),
        "stats": None,
        "titleHistory": None,
    }
    if played.last_played_at is not None:
        row["titleHistory"] = {
            "lastTimePlayed": serialize_time(played.last_played_at),
            "visible": played.is_visible,
            "canHide": True,
        }
    return row


def serialize_modern(title: Title, row: Achievement, state: State | None, language: str) -> Json:
    """Serialize an achievement of a modern title; nothing of a secret one is withheld."""
    state = state or State()
    name = _translate(title, row.id, row.name, language)
    time = NO_TIME if state.earned_at is None else serialize_time(state.earned_at)
    rarity = {"currentCategory": "Unset", "currentPercentage": 0.0}
    if row.percent is not None:
        category = "Rare" if row.percent < 10 else "Common"
        rarity = {"currentCategory": category, "currentPercentage": row.percent}
    window = {
        "startDate": "2026-09-01T00:00:00.0000000Z",
        "endDate": "2026-09-08T00:00:00.0000000Z",
    }
    return {
        "id": row.id,
        "serviceConfigId": SERVICE_CONFIG_ID.format(title.title_id),
        "name": name,
        "titleAssociations": [{"name": title.name, "id": title.title_id}],
        "progressState": _get_progress_state(state),
        "progression": {
            "requirements": _serialize_requirements(row, state),
            "timeUnlocked": time,
        },
        "mediaAssets": [{"name": f"{row.id}.png", "type": "Icon", "url": _build_image(title, row)}],
        "platforms": list(title.devices),
        "isSecret": row.is_secret,
        "description": row.description,
        "lockedDescription": row.locked_description,
        "productId": SERVICE_CONFIG_ID.format(0),
        "achievementType": row.kind,
        "participationType": "Individual",
        "timeWindow": window if row.kind == "Challenge" else None,
        "rewards": _serialize_rewards(title, row),
        "estimatedTime": "00:00:00",
        "deeplink": None,
        "isRevoked": state.is_revoked,
        "rarity": rarity,
    }


def serialize_x360(title: Title, row: Achievement, state: State | None) -> Json:
    """Serialize an achievement of Xbox 360; without a state, as a row of the whole set."""
    time = X360_SET_TIME
    if state is not None:
        time = X360_NO_TIME if state.earned_at is None else serialize_time(state.earned_at)
    return {
        "id": int(row.id),
        "titleId": title.title_id,
        "name": row.name,
        "sequence": 0,
        "flags": 9,
        "unlockedOnline": state is not None and not state.is_offline,
        "unlocked": state is not None,
        "isSecret": row.is_secret,
        "platform": 15,
        "gamerscore": row.gamerscore or 0,
        "imageId": int(row.id) + 10,
        "description": row.description,
        "lockedDescription": row.locked_description,
        "type": 1,
        "isRevoked": state is not None and state.is_revoked,
        "timeUnlocked": time,
        "rarity": {
            "currentCategory": "Rare" if (row.percent or 0) < 10 else "Common",
            "currentPercentage": row.percent or 0.0,
        },
    }


def serialize_user(database: Database, player: Player) -> Json:
    """Serialize a profile as a list of settings; all values are texts."""
    settings = {
        "Gamertag": player.gamertag,
        "ModernGamertag": player.modern_gamertag,
        "ModernGamertagSuffix": player.suffix,
        "UniqueModernGamertag": player.unique_gamertag,
        "Gamerscore": str(database.compute_gamerscore(player)),
        "GameDisplayPicRaw": _build_picture(player),
        "AccountTier": "Gold" if player.tenure else "Silver",
        "XboxOneRep": "GoodPlayer",
        "TenureLevel": str(player.tenure),
        "Bio": player.bio,
        "Location": player.location,
    }
    return {
        "id": player.xuid,
        "hostId": player.xuid,
        "settings": [{"id": name, "value": value} for name, value in settings.items()],
        "isSponsoredUser": False,
    }


def serialize_person(database: Database, player: Player) -> Json:
    """Serialize a row of a list of people, of which nearly everything else is null."""
    return {
        "xuid": player.xuid,
        "isFavorite": False,
        "isFollowingCaller": False,
        "isFollowedByCaller": False,
        "isIdentityShared": False,
        "addedDateTimeUtc": None,
        "displayName": None,
        "realName": "",
        "displayPicRaw": _build_picture(player),
        "showUserAsAvatar": "1",
        "gamertag": player.gamertag,
        "gamerScore": str(database.compute_gamerscore(player)),
        "modernGamertag": player.modern_gamertag,
        "modernGamertagSuffix": player.suffix,
        "uniqueModernGamertag": player.unique_gamertag,
        "xboxOneRep": "GoodPlayer",
        "presenceState": player.state,
        "presenceText": player.rich_presence or player.state,
        "presenceDevices": None,
        "isBroadcasting": False,
        "isCloaked": None,
        "isQuarantined": False,
        "isXbox360Gamerpic": False,
        "lastSeenDateTimeUtc": None,
        "preferredColor": None,
        "detail": None,
        "colorTheme": "gamerpicblur",
        "preferredFlag": "",
        "preferredPlatforms": [],
        "isFriend": False,
        "isFriendRequestReceived": False,
        "isFriendRequestSent": False,
    }


def serialize_presence(database: Database, player: Player) -> Json:
    """Serialize what an account plays, beside the home screen in the background."""
    row: Json = {"xuid": player.xuid, "state": player.state}
    title = database.titles.get(player.current_title_id or 0)
    if title is not None:
        home = {"id": "750323071", "name": "Home", "placement": "Background", "state": "Active"}
        playing = {
            "id": str(title.title_id),
            "name": title.name,
            "placement": "Full",
            "state": "Active",
            "activity": {"richPresence": player.rich_presence},
        }
        row["devices"] = [{"type": "Scarlett", "titles": [home, playing]}]
    return row


def _serialize_images(title: Title) -> list[Json]:
    base = f"http://store-images.s-microsoft.com/image/apps.{title.title_id}"
    kinds = ("Poster", "BoxArt") if title.publisher else ()
    return [{"type": kind, "url": f"{base}.{kind.lower()}"} for kind in kinds]


def _serialize_detail(title: Title) -> Json | None:
    if title.publisher is None:
        return None
    return {
        "attributes": [],
        "availabilities": [],
        "capabilities": [],
        "description": title.name,
        "developerName": title.developer,
        "genres": list(title.genres),
        "publisherName": title.publisher,
        "minAge": 12,
        "releaseDate": title.released,
        "shortDescription": title.name,
        "vuiDisplayName": title.name,
        "xboxLiveGoldRequired": False,
    }


def serialize_time(moment: datetime) -> str:
    """Serialize a time with the seven digits of a fraction that Xbox sends."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "7Z"


def list_earned_x360(title: Title, played: PlayedTitle) -> list[Json]:
    """Serialize what a player has unlocked in a title of Xbox 360."""
    rows = ((row, played.states.get(row.id)) for row in title.achievements)
    return [
        serialize_x360(title, row, state)
        for row, state in rows
        if state is not None and state.is_earned
    ]


def _serialize_requirements(row: Achievement, state: State) -> list[Json]:
    if state.is_earned:
        return []
    currents = state.currents or (None,) * len(row.targets)
    return [
        {
            "id": f"aaaaaaaa-0000-0000-0000-{index:012}",
            "current": current,
            "target": target,
            "operationType": "Sum",
            "valueType": "Integer",
            "ruleParticipationType": "Individual",
        }
        for index, (target, current) in enumerate(zip(row.targets, currents, strict=True))
    ]


def _serialize_rewards(title: Title, row: Achievement) -> list[Json]:
    rewards: list[Json] = []
    if row.reward is not None:
        image = {"name": "reward.png", "type": "Icon", "url": _build_image(title, row) + "-reward"}
        rewards.append(
            {
                "name": row.reward,
                "description": None,
                "value": row.reward,
                "type": "InApp",
                "mediaAsset": image,
                "valueType": "String",
            }
        )
    if row.gamerscore is not None:
        rewards.append(
            {
                "name": None,
                "description": None,
                "value": str(row.gamerscore),
                "type": "Gamerscore",
                "mediaAsset": None,
                "valueType": "Int",
            }
        )
    return rewards


def _get_progress_state(state: State) -> str:
    if state.is_earned:
        return "Achieved"
    return "InProgress" if any(state.currents) else "NotStarted"


def _get_source_version(title: Title) -> int:
    if title.is_x360:
        return 1
    return 2 if title.achievements else 0


def _build_image(title: Title, row: Achievement) -> str:
    return f"{IMAGE_BASE_URL}{title.title_id}-{row.id}"


def _build_picture(player: Player) -> str:
    return f"http://images-eds.xboxlive.com/image?url={player.xuid}&format=png"


def _translate(title: Title, key: str, text: str, language: str) -> str:
    return title.german.get(key, text) if language.startswith("de") else text
