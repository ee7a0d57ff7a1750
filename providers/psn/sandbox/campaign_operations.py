"""PlayStation Stars' campaigns, while the programme is open and after its end."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from providers.psn.sandbox.models import Json
from providers.psn.sandbox.operation_handling import (
    OperationRequest,
    Resolver,
    build_error,
    build_service_failure,
)
from providers.psn.sandbox.state import SandboxState

_LIST_ROOT, _LIST_API = "loyaltyCampaignGroupRetrieve", "getCampaignGroups"
_DETAIL_ROOT, _DETAIL_API = "loyaltyCampaignByIdRetrieve", "getCampaignById"
_FOLDER = Path(__file__).parent
_NOT_ENROLLED_MESSAGE = "User is not enrolled inside the program!"
# The description, concept, product, progress and status of each task, by campaign.
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
# When the fixture was recorded. Its dates are moved by more days than have passed since.
_RECORDED_AT = datetime(2023, 11, 27, 18, 46, tzinfo=UTC)
_INELIGIBLE_CAMPAIGN_ID = "00000000-0000-5000-8000-000000000500"


@dataclass(frozen=True)
class CampaignOperations:
    """The two operations whose answers this project decodes.

    The setting `stars` is "open", or says how the programme ended: "closed_empty" without
    campaigns, "closed_error" with a failure, "closed_not_found" with hashes that are gone.
    """

    state: SandboxState

    def get_resolvers(self) -> dict[str, Resolver]:
        return {
            "metGetCampaignGroup": self.list_campaigns,
            "metLoyaltyCampaignByIdRetrieve": self.get_campaign,
        }

    def list_campaigns(self, request: OperationRequest) -> Json:
        if self.state.settings["stars"] == "closed_empty":
            return {"data": {_LIST_ROOT: []}}
        if self._is_closed():
            return _build_closed_failure(_LIST_ROOT, _LIST_API)
        name = "campaign_group" if self._is_enrolled(request) else "campaign_group_not_enrolled"
        return _move_dates(_read_json(name))

    def get_campaign(self, request: OperationRequest) -> Json:
        campaign_id = _get_campaign_id(request)
        if self.state.settings["stars"] == "closed_empty":
            return {"data": {_DETAIL_ROOT: None}}
        if self._is_closed():
            return _build_closed_failure(_DETAIL_ROOT, _DETAIL_API)
        if not self._is_enrolled(request):
            return _build_detail_failure(400, "BadRequest", _NOT_ENROLLED_MESSAGE)
        if campaign_id == _INELIGIBLE_CAMPAIGN_ID:
            return _build_detail_failure(500, "InternalError", "Internal Server Error")
        groups = _move_dates(_read_json("campaign_group"))["data"][_LIST_ROOT]
        for row in (row for group in groups for row in group["campaigns"]):
            if row["id"] == campaign_id:
                return {"data": {_DETAIL_ROOT: _add_details(row)}}
        return _build_detail_failure(404, "NotFound", "Campaign not found")

    def _is_closed(self) -> bool:
        return self.state.settings["stars"] != "open"

    def _is_enrolled(self, request: OperationRequest) -> bool:
        return request.caller.account_id in self.state.database.enrolled_account_ids


def _get_campaign_id(request: OperationRequest) -> str:
    value = request.variables.get("campaignId")
    if value is None:
        raise build_error('Variable "$campaignId" of required type "String!" was not provided.')
    if not isinstance(value, str):
        raise build_error(f'Variable "$campaignId" got invalid value {json.dumps(value)}.')
    return value


def _build_closed_failure(root: str, api: str) -> Json:
    return build_service_failure(root, api, 500, "InternalError", "The program has ended.")


def _build_detail_failure(status: int, reason: str, message: str) -> Json:
    return build_service_failure(_DETAIL_ROOT, _DETAIL_API, status, reason, message)


@cache
def _read_text(name: str) -> str:
    return (_FOLDER / f"{name}.json").read_text("utf-8")


def _read_json(name: str) -> Json:
    return json.loads(_read_text(name))


def _move_dates(answer: Json) -> Json:
    now = datetime.now(UTC)
    days = timedelta(days=(now - _RECORDED_AT).days + 1)
    for row in (row for group in answer["data"][_LIST_ROOT] or () for row in group["campaigns"]):
        for name in ("startDate", "endDate"):
            moved = datetime.fromisoformat(row[name]) + days
            row[name] = moved.strftime("%Y-%m-%dT%H:%M:%S.000000Z")
        row["remainingTime"] = int((moved - now).total_seconds())
    return answer


def _add_details(row: Json) -> Json:
    tasks = [
        _serialize_task(f"{row['id']}-{number}", task)
        for number, task in enumerate(_TASKS[row["id"]], 1)
    ]
    required = row["id"] == _REGISTRATION_CAMPAIGN_ID
    return {**row, "estimatedTime": None, "isRegistrationRequired": required, "tasks": tasks}


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
