"""The loyalty programme: campaigns, points, collectibles and levels, open or closed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from providers.psn.sandbox.models import Json
from providers.psn.sandbox.operation_handling import OperationRequest, Resolver, build_nimbus_error
from providers.psn.sandbox.state import SandboxState

_FOLDER = Path(__file__).parent
_NOT_ENROLLED_MESSAGE = "User is not enrolled inside the program!"
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
_REGISTRATION_CAMPAIGN_ID = "e9546664-aa7f-50b7-ab52-c70eda2e403d"
_INELIGIBLE_CAMPAIGN_ID = "00000000-0000-5000-8000-000000000500"
_COLLECTIBLES = (
    ("ecf86d0a-0139-5952-8af0-7a5ad7fd0f5a", "PlayStation Home", "HEROIC"),
    ("00000000-0000-5000-8000-000000000021", "Sample Lantern", "COMMON"),
    ("00000000-0000-5000-8000-000000000022", "Sample Comet", "LEGENDARY"),
)
_POINTS_HISTORY = (
    ("2025-07-20T12:00:00.000000Z", "WALLET_CREDIT", -1250, "LoyaltyRewardRecord", "Sample Credit"),
    ("2025-07-06T05:00:00.000000Z", "CAMPAIGN", 50, "LoyaltyRewardRecord", "Sample Check-In"),
    ("2025-06-30T18:30:00.000000Z", "PURCHASE", 600, "LoyaltyPurchaseRecord", None),
    ("2025-06-01T09:15:00.000000Z", "PURCHASE", 900, "LoyaltyPurchaseRecord", "Harbor Lights"),
)
_STATUS_LEVELS = (("Garnet", 2), ("Sapphire", 1), ("Ruby", 4), ("Emerald", 3), ("Diamond", 5))
_LIST_FIELDS = (
    "loyaltyCampaignGroupRetrieve",
    "loyaltyPointHistoryRetrieve",
    "loyaltyUserCollectiblesRetrieve",
    "loyaltyCollectibleScenesRetrieve",
    "loyaltyStatusLevelsMetaDataRetrieve",
    "loyaltyRewardGroupRetrieve",
)
_API_NAMES = {
    "loyaltyCampaignGroupRetrieve": "getCampaignGroups",
    "loyaltyCampaignByIdRetrieve": "getCampaignById",
    "loyaltyRewardGroupRetrieve": "getRewardGroups",
    "loyaltyRewardbyIdRetrieve": "getRewardById",
}


@dataclass(frozen=True)
class StarsOperations:
    state: SandboxState

    def get_resolvers(self) -> dict[str, Resolver]:
        return {
            "metGetCampaignGroup": self.list_campaigns,
            "metLoyaltyCampaignByIdRetrieve": self.get_campaign,
            "metGetAccount": self.get_account,
            "metGetPointsHistory": self.get_points_history,
            "metGetUserCollectibles": self.list_collectibles,
            "metGetCollectibleDisplay": self.get_collectible_display,
            "metGetCollectibleScenes": self.list_scenes,
            "metGetStatusLevels": self.list_status_levels,
            "metGetRewardGroup": self.list_rewards,
            "metLoyaltyRewardbyId": self.get_reward,
        }

    def build_closed_response(self, root: str, operation: str) -> Json:
        if self.state.settings["stars"] == "closed_empty":
            return {"data": {root: [] if root in _LIST_FIELDS else None}}
        api = _API_NAMES.get(root, operation)
        return build_nimbus_error(root, api, 500, "InternalError", "The program has ended.")

    def list_campaigns(self, request: OperationRequest) -> Json:
        name = "campaign_group" if self._is_enrolled(request) else "campaign_group_not_enrolled"
        return _read_json(name)

    def get_campaign(self, request: OperationRequest) -> Json:
        root, api = "loyaltyCampaignByIdRetrieve", "getCampaignById"
        if not self._is_enrolled(request):
            return build_nimbus_error(root, api, 400, "BadRequest", _NOT_ENROLLED_MESSAGE)
        campaign_id = request.variables["campaignId"]
        if campaign_id == _INELIGIBLE_CAMPAIGN_ID:
            return build_nimbus_error(root, api, 500, "InternalError", "Internal Server Error")
        groups = _read_json("campaign_group")["data"]["loyaltyCampaignGroupRetrieve"]
        for row in (row for group in groups for row in group["campaigns"]):
            if row["id"] == campaign_id:
                return {root: _add_details(row)}
        return build_nimbus_error(root, api, 404, "NotFound", "Campaign not found")

    def get_account(self, request: OperationRequest) -> Json:
        root = "loyaltyAccountRetrieve"
        account_id = self._resolve_account_id(request)
        is_own = account_id == request.caller.account_id
        if account_id not in self.state.database.enrolled_account_ids and not is_own:
            return build_nimbus_error(root, "getAccount", 404, "NotFound", "User not found")
        return {
            root: _serialize_account(
                is_enrolled=account_id in self.state.database.enrolled_account_ids, is_own=is_own
            )
        }

    def get_points_history(self, request: OperationRequest) -> Json:
        rows = _POINTS_HISTORY if self._is_enrolled(request) else ()
        return {"loyaltyPointHistoryRetrieve": [_serialize_points_record(*row) for row in rows]}

    def list_collectibles(self, request: OperationRequest) -> Json:
        rows = _COLLECTIBLES if self._is_enrolled(request) else ()
        return {
            "loyaltyUserCollectiblesRetrieve": [
                {
                    "__typename": "LoyaltyUserCollectible",
                    "id": collectible_id,
                    "name": name,
                    "rarity": rarity,
                    "assets": _serialize_assets(collectible_id),
                }
                for collectible_id, name, rarity in rows
            ]
        }

    def get_collectible_display(self, request: OperationRequest) -> Json:
        root = "loyaltyCollectibleDisplayRetrieve"
        if self._resolve_account_id(request) not in self.state.database.enrolled_account_ids:
            return build_nimbus_error(
                root, "getCollectibleDisplay", 404, "NotFound", "User not found"
            )
        shown = [collectible_id for collectible_id, _, _ in _COLLECTIBLES]
        empty = [f"empty-slot-{number}" for number in range(len(shown) + 1, 13)]
        return {
            root: {
                "collectibles": [
                    *_serialize_slots(shown, is_empty=False),
                    *_serialize_slots(empty, is_empty=True),
                ],
                "isEmpty": False,
                "isFull": False,
                "selectedScene": _serialize_scene(),
            }
        }

    def list_scenes(self, request: OperationRequest) -> Json:
        return {
            "loyaltyCollectibleScenesRetrieve": [_serialize_scene()]
            if self._is_enrolled(request)
            else []
        }

    def list_status_levels(self, _: OperationRequest) -> Json:
        rows = [
            {
                "__typename": "LoyaltyStatusLevel",
                "name": name,
                "statusLevelNumber": number,
                "description": f"Level {number}.",
                "collectibles": None if number == 1 else [{"id": f"level-{number}", "name": name}],
            }
            for name, number in _STATUS_LEVELS
        ]
        return {"loyaltyStatusLevelsMetaDataRetrieve": rows}

    def list_rewards(self, request: OperationRequest) -> Json:
        root = "loyaltyRewardGroupRetrieve"
        if not self._is_enrolled(request):
            return build_nimbus_error(
                root, "getRewardGroups", 400, "BadRequest", _NOT_ENROLLED_MESSAGE
            )
        group = {"id": "Default", "name": "Default", "rewards": [_serialize_reward()]}
        return {root: [{"__typename": "LoyaltyRewardGroup", **group}]}

    def get_reward(self, request: OperationRequest) -> Json:
        root = "loyaltyRewardbyIdRetrieve"
        if not self._is_enrolled(request):
            return build_nimbus_error(
                root, "getRewardById", 400, "BadRequest", _NOT_ENROLLED_MESSAGE
            )
        if request.variables["id"] != _serialize_reward()["id"]:
            return build_nimbus_error(root, "getRewardById", 404, "NotFound", "Reward not found")
        return {root: {**_serialize_reward(), "points": 1250, "unlockedDate": None}}

    def _is_enrolled(self, request: OperationRequest) -> bool:
        return request.caller.account_id in self.state.database.enrolled_account_ids

    def _resolve_account_id(self, request: OperationRequest) -> str:
        account_id: str = request.variables["accountId"]
        return request.caller.account_id if account_id == "me" else account_id


@cache
def _read_text(name: str) -> str:
    return (_FOLDER / f"{name}.json").read_text("utf-8")


def _read_json(name: str) -> Json:
    return json.loads(_read_text(name))


def _add_details(row: Json) -> Json:
    tasks = [
        _serialize_task(f"{row['id']}-{index}", one)
        for index, one in enumerate(_TASKS[row["id"]], 1)
    ]
    required = row["id"] == _REGISTRATION_CAMPAIGN_ID
    extra = {"estimatedTime": None, "isRegistrationRequired": required, "tasks": tasks}
    return {**row, **extra}


def _serialize_task(task_id: str, task: _Task) -> Json:
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


def _serialize_account(*, is_enrolled: bool, is_own: bool) -> Json:
    balance = {"displayTotalPointsBalance": "300", "totalCampaignsCompleted": 1}
    status = "ENROLLED" if is_enrolled else "NOT_ENROLLED"
    return {
        "__typename": "LoyaltyAccount",
        "collectibleScene": _serialize_scene() if is_enrolled else None,
        "collectibles": _serialize_slots([row[0] for row in _COLLECTIBLES], is_empty=False)
        if is_enrolled
        else [],
        "enrollStatus": {
            "enrolledDateTime": "2023-01-15T10:00:00.000000Z" if is_enrolled else None,
            "isUserEligibleToEnroll": not is_enrolled,
            "isUserEnrolled": is_enrolled,
            "status": status,
        },
        "pointsBalance": {**balance, "totalPointsBalance": 300} if is_own and is_enrolled else None,
        "requiresTosAcceptance": False if is_own else None,
        "statusLevel": _serialize_status_level() if is_enrolled else None,
    }


def _serialize_status_level() -> Json:
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


def _serialize_points_record(
    when: str, kind: str, points: int, typename: str, name: str | None
) -> Json:
    record = {"__typename": typename, "id": f"record-{when[:10]}", "name": name}
    return {
        "__typename": "LoyaltyPointHistory",
        "eventDateTime": when,
        "eventType": kind,
        "points": points,
        "displayPoints": f"{points:,}",
        "referenceData": record,
    }


def _serialize_reward() -> Json:
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
        "assets": _serialize_assets(reward_id),
    }


def _serialize_scene() -> Json:
    roles = ("BACKGROUND", "TILE", "PREVIEW")
    url = "https://image.invalid/scene/{}.png"
    return {
        "id": "scene-1",
        "assets": [{"role": role, "url": url.format(role.lower())} for role in roles],
    }


def _serialize_slots(ids: Sequence[str], *, is_empty: bool) -> list[Json]:
    return [
        {"id": place, "isEmpty": is_empty, "assets": None if is_empty else _serialize_assets(place)}
        for place in ids
    ]


def _serialize_assets(name: str) -> list[Json]:
    return [{"type": "IMAGE", "url": f"https://image.invalid/collectible/{name}.png"}]
