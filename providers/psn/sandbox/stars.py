"""The loyalty programme: campaigns, points, collectibles and levels, open or closed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from providers.psn.sandbox.model import Json
from providers.psn.sandbox.operation import Asked, Resolver, nimbus
from providers.psn.sandbox.state import State

_HERE = Path(__file__).parent
_NOT_ENROLLED = "User is not enrolled inside the program!"
# What each campaign asks for: description, concept, product, progress and state of a task.
_Task = tuple[str, str | None, str | None, int | None, str]
_TASKS: dict[str, tuple[_Task, ...]] = {
    "a8faa377-f08b-5d1d-a27c-68cc32930105": (
        ("Play any PS4 or PS5 game.", None, None, None, "AUTO_REGISTERED"),
    ),
    "b5c96532-2544-5c66-ad78-fa45662577b0": (
        (
            "Buy one of these games.",
            None,
            "UP0000-PPSA00003_00-SAMPLEGAME000003",
            None,
            "NOT_REGISTERED",
        ),
        (
            "Buy one of these games.",
            None,
            "UP0000-PPSA00012_00-SAMPLEGAME000012",
            None,
            "NOT_REGISTERED",
        ),
    ),
    "e9546664-aa7f-50b7-ab52-c70eda2e403d": (
        ("Play Iron Orchard.", "10000004", None, 0, "NOT_STARTED"),
        ("Play Stone Choir.", "10000013", None, 0, "NOT_STARTED"),
    ),
    "a337bf45-dcdd-5914-992e-adc076e1dce9": (
        ("Play Sample Quest.", "10000001", None, 100, "COMPLETED"),
    ),
}
_REGISTRATION_REQUIRED = "e9546664-aa7f-50b7-ab52-c70eda2e403d"
_NOT_ELIGIBLE = "00000000-0000-5000-8000-000000000500"
_COLLECTIBLES = (
    ("ecf86d0a-0139-5952-8af0-7a5ad7fd0f5a", "PlayStation Home", "HEROIC"),
    ("00000000-0000-5000-8000-000000000021", "Sample Lantern", "COMMON"),
    ("00000000-0000-5000-8000-000000000022", "Sample Comet", "LEGENDARY"),
)
_HISTORY = (
    ("2025-07-20T12:00:00.000000Z", "WALLET_CREDIT", -1250, "LoyaltyRewardRecord", "Sample Credit"),
    ("2025-07-06T05:00:00.000000Z", "CAMPAIGN", 50, "LoyaltyRewardRecord", "Sample Check-In"),
    ("2025-06-30T18:30:00.000000Z", "PURCHASE", 600, "LoyaltyPurchaseRecord", None),
    ("2025-06-01T09:15:00.000000Z", "PURCHASE", 900, "LoyaltyPurchaseRecord", "Harbor Lights"),
)
_LEVELS = (("Garnet", 2), ("Sapphire", 1), ("Ruby", 4), ("Emerald", 3), ("Diamond", 5))
_LISTS = (
    "loyaltyCampaignGroupRetrieve",
    "loyaltyPointHistoryRetrieve",
    "loyaltyUserCollectiblesRetrieve",
    "loyaltyCollectibleScenesRetrieve",
    "loyaltyStatusLevelsMetaDataRetrieve",
    "loyaltyRewardGroupRetrieve",
)
_APIS = {
    "loyaltyCampaignGroupRetrieve": "getCampaignGroups",
    "loyaltyCampaignByIdRetrieve": "getCampaignById",
    "loyaltyRewardGroupRetrieve": "getRewardGroups",
    "loyaltyRewardbyIdRetrieve": "getRewardById",
}


@dataclass(frozen=True)
class Stars:
    state: State

    def resolvers(self) -> dict[str, Resolver]:
        return {
            "metGetCampaignGroup": self.campaigns,
            "metLoyaltyCampaignByIdRetrieve": self.campaign,
            "metGetAccount": self.account,
            "metGetPointsHistory": self.history,
            "metGetUserCollectibles": self.collectibles,
            "metGetCollectibleDisplay": self.display,
            "metGetCollectibleScenes": self.scenes,
            "metGetStatusLevels": self.levels,
            "metGetRewardGroup": self.rewards,
            "metLoyaltyRewardbyId": self.reward,
        }

    def closed(self, root: str, operation: str) -> Json:
        if self.state.settings["stars"] == "closed_empty":
            return {"data": {root: [] if root in _LISTS else None}}
        api = _APIS.get(root, operation)
        return nimbus(root, api, 500, "InternalError", "The program has ended.")

    def campaigns(self, asked: Asked) -> Json:
        name = "campaign_group" if self._enrolled(asked) else "campaign_group_not_enrolled"
        return _file(name)

    def campaign(self, asked: Asked) -> Json:
        root, api = "loyaltyCampaignByIdRetrieve", "getCampaignById"
        if not self._enrolled(asked):
            return nimbus(root, api, 400, "BadRequest", _NOT_ENROLLED)
        campaign_id = asked.variables["campaignId"]
        if campaign_id == _NOT_ELIGIBLE:
            return nimbus(root, api, 500, "InternalError", "Internal Server Error")
        groups = _file("campaign_group")["data"]["loyaltyCampaignGroupRetrieve"]
        for row in (row for group in groups for row in group["campaigns"]):
            if row["id"] == campaign_id:
                return {root: _detailed(row)}
        return nimbus(root, api, 404, "NotFound", "Campaign not found")

    def account(self, asked: Asked) -> Json:
        root = "loyaltyAccountRetrieve"
        account_id = self._whose(asked)
        own = account_id == asked.caller.account_id
        if account_id not in self.state.world.enrolled and not own:
            return nimbus(root, "getAccount", 404, "NotFound", "User not found")
        return {root: _account(enrolled=account_id in self.state.world.enrolled, own=own)}

    def history(self, asked: Asked) -> Json:
        rows = _HISTORY if self._enrolled(asked) else ()
        return {"loyaltyPointHistoryRetrieve": [_point(*row) for row in rows]}

    def collectibles(self, asked: Asked) -> Json:
        rows = _COLLECTIBLES if self._enrolled(asked) else ()
        return {
            "loyaltyUserCollectiblesRetrieve": [
                {
                    "__typename": "LoyaltyUserCollectible",
                    "id": collectible_id,
                    "name": name,
                    "rarity": rarity,
                    "assets": _assets(collectible_id),
                }
                for collectible_id, name, rarity in rows
            ]
        }

    def display(self, asked: Asked) -> Json:
        root = "loyaltyCollectibleDisplayRetrieve"
        if self._whose(asked) not in self.state.world.enrolled:
            return nimbus(root, "getCollectibleDisplay", 404, "NotFound", "User not found")
        shown = [collectible_id for collectible_id, _, _ in _COLLECTIBLES]
        empty = [f"empty-slot-{number}" for number in range(len(shown) + 1, 13)]
        return {
            root: {
                "collectibles": [*_places(shown, empty=False), *_places(empty, empty=True)],
                "isEmpty": False,
                "isFull": False,
                "selectedScene": _scene(),
            }
        }

    def scenes(self, asked: Asked) -> Json:
        return {"loyaltyCollectibleScenesRetrieve": [_scene()] if self._enrolled(asked) else []}

    def levels(self, _: Asked) -> Json:
        rows = [
            {
                "__typename": "LoyaltyStatusLevel",
                "name": name,
                "statusLevelNumber": number,
                "description": f"Level {number}.",
                "collectibles": None if number == 1 else [{"id": f"level-{number}", "name": name}],
            }
            for name, number in _LEVELS
        ]
        return {"loyaltyStatusLevelsMetaDataRetrieve": rows}

    def rewards(self, asked: Asked) -> Json:
        root = "loyaltyRewardGroupRetrieve"
        if not self._enrolled(asked):
            return nimbus(root, "getRewardGroups", 400, "BadRequest", _NOT_ENROLLED)
        group = {"id": "Default", "name": "Default", "rewards": [_reward()]}
        return {root: [{"__typename": "LoyaltyRewardGroup", **group}]}

    def reward(self, asked: Asked) -> Json:
        root = "loyaltyRewardbyIdRetrieve"
        if not self._enrolled(asked):
            return nimbus(root, "getRewardById", 400, "BadRequest", _NOT_ENROLLED)
        if asked.variables["id"] != _reward()["id"]:
            return nimbus(root, "getRewardById", 404, "NotFound", "Reward not found")
        return {root: {**_reward(), "points": 1250, "unlockedDate": None}}

    def _enrolled(self, asked: Asked) -> bool:
        return asked.caller.account_id in self.state.world.enrolled

    def _whose(self, asked: Asked) -> str:
        account_id: str = asked.variables["accountId"]
        return asked.caller.account_id if account_id == "me" else account_id


@cache
def _text(name: str) -> str:
    return (_HERE / f"{name}.json").read_text("utf-8")


def _file(name: str) -> Json:
    return json.loads(_text(name))


def _detailed(row: Json) -> Json:
    tasks = [_task(f"{row['id']}-{index}", one) for index, one in enumerate(_TASKS[row["id"]], 1)]
    required = row["id"] == _REGISTRATION_REQUIRED
    extra = {"estimatedTime": None, "isRegistrationRequired": required, "tasks": tasks}
    return {**row, **extra}


def _task(task_id: str, task: _Task) -> Json:
    description, concept_id, product_id, progress, status = task
    return {
        "__typename": "LoyaltyCampaignTask",
        "id": task_id,
        "name": None,
        "description": description,
        "conceptId": concept_id,
        "productId": product_id,
        "isLocked": False,
        "progress": progress,
        "status": status,
        "type": "CONCEPT" if concept_id else None,
    }


def _account(*, enrolled: bool, own: bool) -> Json:
    balance = {"displayTotalPointsBalance": "300", "totalCampaignsCompleted": 1}
    status = "ENROLLED" if enrolled else "NOT_ENROLLED"
    return {
        "__typename": "LoyaltyAccount",
        "collectibleScene": _scene() if enrolled else None,
        "collectibles": _places([row[0] for row in _COLLECTIBLES], empty=False) if enrolled else [],
        "enrollStatus": {
            "enrolledDateTime": "2023-01-15T10:00:00.000000Z" if enrolled else None,
            "isUserEligibleToEnroll": not enrolled,
            "isUserEnrolled": enrolled,
            "status": status,
        },
        "pointsBalance": {**balance, "totalPointsBalance": 300} if own and enrolled else None,
        "requiresTosAcceptance": False if own else None,
        "statusLevel": _status_level() if enrolled else None,
    }


def _status_level() -> Json:
    return {
        "currentStatusLevel": "Garnet",
        "statusLevelNumber": 2,
        "expiryDate": None,
        "nextStatusProgress": 50,
        "totalPurchaseEarned": 1,
        "totalPurchaseNeeded": 2,
        "totalTrophiesEarned": 16,
        "totalTrophiesNeeded": 32,
    }


def _point(when: str, kind: str, points: int, typename: str, name: str | None) -> Json:
    record = {"__typename": typename, "id": f"record-{when[:10]}", "name": name}
    return {
        "__typename": "LoyaltyPointHistory",
        "eventDateTime": when,
        "eventType": kind,
        "points": points,
        "displayPoints": f"{points:,}",
        "referenceData": record,
    }


def _reward() -> Json:
    reward_id = "00000000-0000-5000-8000-000000000002"
    return {
        "__typename": "LoyaltyRewardWalletCredit",
        "id": reward_id,
        "name": "Sample Credit",
        "displayName": "Sample Credit",
        "displayPoints": "1,250",
        "rewardType": "WALLET_CREDIT",
        "monetaryValue": "5.00",
        "description": [{"type": "LONG", "value": "Credit for the store."}],
        "assets": _assets(reward_id),
    }


def _scene() -> Json:
    roles = ("BACKGROUND", "TILE", "PREVIEW")
    url = "https://image.invalid/scene/{}.png"
    return {
        "id": "scene-1",
        "assets": [{"role": role, "url": url.format(role.lower())} for role in roles],
    }


def _places(ids: Sequence[str], *, empty: bool) -> list[Json]:
    return [
        {"id": place, "isEmpty": empty, "assets": None if empty else _assets(place)}
        for place in ids
    ]


def _assets(name: str) -> list[Json]:
    return [{"type": "IMAGE", "url": f"https://image.invalid/collectible/{name}.png"}]
