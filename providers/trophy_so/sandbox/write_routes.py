"""Routes that write: users, metric events and completions."""

import uuid
from typing import Any, cast

from providers.kit.sandbox import SandboxRequest, SandboxResponse
from providers.trophy_so.sandbox import achievement_data, constants
from providers.trophy_so.sandbox.models import Attributes, Json, Metric, User
from providers.trophy_so.sandbox.points_serializers import PointsSerializer
from providers.trophy_so.sandbox.request_handling import (
    HOST,
    ApiError,
    RouteGroup,
    Routes,
    check_access,
    parse_body,
)


class WriteRoutes(RouteGroup):
    def list_routes(self) -> Routes:
        return [
            ("POST", f"{HOST}/users", self.create_user),
            ("PUT", f"{HOST}/users/{{id}}", self.identify_user),
            ("PATCH", f"{HOST}/users/{{id}}", self.update_user),
            ("POST", f"{HOST}/metrics/{{key}}/event", self.record_event),
            ("POST", f"{HOST}/achievements/{{key}}/complete", self.complete_achievement),
        ]

    def create_user(self, request: SandboxRequest) -> SandboxResponse:
        return SandboxResponse(
            201,
            self.serializer.serialize_user(self._get_or_create_user(request, parse_body(request))),
        )

    def identify_user(self, request: SandboxRequest) -> SandboxResponse:
        document = {**parse_body(request), "id": request.parameters["id"]}
        return SandboxResponse(
            200, self.serializer.serialize_user(self._get_or_create_user(request, document))
        )

    def update_user(self, request: SandboxRequest) -> SandboxResponse:
        user = self.get_path_user(request)
        _apply_changes(user, parse_body(request))
        return SandboxResponse(200, self.serializer.serialize_user(user))

    def record_event(self, request: SandboxRequest) -> SandboxResponse:
        """Count an event; once only for the same idempotency key, user and metric."""
        document = parse_body(request)
        metric = self.find_metric(request, achievement_data.METRICS)
        user = self._get_or_create_user(request, _require_object(document.get("user"), "user"))
        idempotency_key = request.headers.get("idempotency-key")
        replayed_body = self.database.replays.get((user.id, metric.key, idempotency_key or ""))
        if replayed_body is not None:
            return SandboxResponse(202, {**replayed_body, "idempotentReplayed": True})
        body_fields = self._count_event(user, metric, document)
        if idempotency_key:
            body_fields |= {"idempotencyKey": idempotency_key, "idempotentReplayed": False}
            self.database.replays[user.id, metric.key, idempotency_key] = body_fields
        return SandboxResponse(201, body_fields)

    def complete_achievement(self, request: SandboxRequest) -> SandboxResponse:
        """Complete an achievement; a repetition returns the date of the first completion."""
        document = parse_body(request)
        definition = self.find_definition(request)
        if definition.trigger != "api":
            raise ApiError(422, "Only achievements with the api trigger can be completed")
        user = self._get_or_create_user(request, _require_object(document.get("user"), "user"))
        earned_before = len(user.earned)
        self.database.unlock(user.id, definition.key)
        achieved = {"achievedAt": user.earned[definition.key]}
        completion = {
            "completionId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{user.id}/{definition.id}")),
            "achievement": {**self.serializer.serialize_achievement(definition), **achieved},
            "points": PointsSerializer(self.database).serialize_added(
                user, len(user.earned) - earned_before
            ),
        }
        return SandboxResponse(201, completion)

    def _count_event(self, user: User, metric: Metric, document: Json) -> Json:
        value = document.get("value")
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise ApiError(422, "value must be a number")
        attributes = _require_texts(document.get("attributes") or {}, "attributes")
        completed = self.database.record_event(user.id, metric.key, value, attributes)
        return {
            "eventId": str(uuid.uuid4()),
            "metricId": metric.id,
            "total": user.metrics[metric.key],
            "achievements": [
                {
                    **self.serializer.serialize_achievement(definition),
                    "achievedAt": user.earned[definition.key],
                }
                for definition in completed
            ],
            "currentStreak": {**self.serializer.serialize_streak(user), "extended": False},
            "points": PointsSerializer(self.database).serialize_added(user, len(completed)),
            "leaderboards": {},
        }

    def _get_or_create_user(self, request: SandboxRequest, document: Json) -> User:
        """Return the user that a body names, created if needed and updated."""
        user_id = document.get("id")
        if not isinstance(user_id, str) or not user_id:
            raise ApiError(422, "id must be a text")
        check_access(request, user_id)
        user = self.database.users.setdefault(user_id, User(user_id))
        _apply_changes(user, document)
        return user


def _apply_changes(user: User, document: Json) -> None:
    for name in ("name", "email", "tz"):
        if name not in document:
            continue
        if not isinstance(document[name], str | None):
            raise ApiError(422, f"{name} must be a text")
        setattr(user, name, document[name])
    user.attributes.update(_require_texts(document.get("attributes") or {}, "attributes"))
    user.updated_at = constants.NOW


def _require_object(value: Any, name: str) -> Json:
    if not isinstance(value, dict):
        raise ApiError(422, f"{name} must be an object")
    return cast("Json", value)


def _require_texts(value: Any, name: str) -> Attributes:
    texts = _require_object(value, name)
    if not all(isinstance(text, str) for text in texts.values()):
        raise ApiError(422, f"{name} must hold texts")
    return texts
