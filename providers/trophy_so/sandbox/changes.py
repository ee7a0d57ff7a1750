"""Routes that change something: users, metric events, completions."""

import uuid
from typing import Any, cast

from providers.kit.sandbox import Call, Reply
from providers.trophy_so.sandbox import catalogue, fixture
from providers.trophy_so.sandbox.answer import HOST, Area, RefusedError, Routes, body, reach
from providers.trophy_so.sandbox.model import Attributes, Json, Metric, User
from providers.trophy_so.sandbox.points import Points


class Changes(Area):
    def routes(self) -> Routes:
        return [
            ("POST", f"{HOST}/users", self.create),
            ("PUT", f"{HOST}/users/{{id}}", self.identify),
            ("PATCH", f"{HOST}/users/{{id}}", self.update),
            ("POST", f"{HOST}/metrics/{{key}}/event", self.event),
            ("POST", f"{HOST}/achievements/{{key}}/complete", self.complete),
        ]

    def create(self, call: Call) -> Reply:
        return Reply(201, self.shape.user(self._identified(call, body(call))))

    def identify(self, call: Call) -> Reply:
        sent = {**body(call), "id": call.parameters["id"]}
        return Reply(200, self.shape.user(self._identified(call, sent)))

    def update(self, call: Call) -> Reply:
        user = self.user(call)
        _change(user, body(call))
        return Reply(200, self.shape.user(user))

    def event(self, call: Call) -> Reply:
        """The same idempotency key for the same user and metric counts once, for ever."""
        sent = body(call)
        metric = self.metric(call, catalogue.METRICS)
        user = self._identified(call, _object(sent.get("user"), "user"))
        idempotency_key = call.headers.get("idempotency-key")
        replayed = self.world.replays.get((user.id, metric.key, idempotency_key or ""))
        if replayed is not None:
            return Reply(202, {**replayed, "idempotentReplayed": True})
        counted = self._counted(user, metric, sent)
        if idempotency_key:
            counted |= {"idempotencyKey": idempotency_key, "idempotentReplayed": False}
            self.world.replays[user.id, metric.key, idempotency_key] = counted
        return Reply(201, counted)

    def complete(self, call: Call) -> Reply:
        """Once only by nature: a second completion answers with the first one's date."""
        sent = body(call)
        definition = self.definition(call)
        if definition.trigger != "api":
            raise RefusedError(422, "Only achievements with the api trigger can be completed")
        user = self._identified(call, _object(sent.get("user"), "user"))
        known = len(user.achieved)
        self.world.unlock(user.id, definition.key)
        achieved = {"achievedAt": user.achieved[definition.key]}
        completion = {
            "completionId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{user.id}/{definition.id}")),
            "achievement": {**self.shape.achievement(definition), **achieved},
            "points": Points(self.world).added(user, len(user.achieved) - known),
        }
        return Reply(201, completion)

    def _counted(self, user: User, metric: Metric, sent: Json) -> Json:
        value = sent.get("value")
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise RefusedError(422, "value must be a number")
        attributes = _texts(sent.get("attributes") or {}, "attributes")
        completed = self.world.record(user.id, metric.key, value, attributes)
        return {
            "eventId": str(uuid.uuid4()),
            "metricId": metric.id,
            "total": user.metrics[metric.key],
            "achievements": [
                {**self.shape.achievement(each), "achievedAt": user.achieved[each.key]}
                for each in completed
            ],
            "currentStreak": {**self.shape.streak(user), "extended": False},
            "points": Points(self.world).added(user, len(completed)),
            "leaderboards": {},
        }

    def _identified(self, call: Call, sent: Json) -> User:
        """The user a body names, made on first sight and brought up to date."""
        user_id = sent.get("id")
        if not isinstance(user_id, str) or not user_id:
            raise RefusedError(422, "id must be a text")
        reach(call, user_id)
        user = self.world.users.setdefault(user_id, User(user_id))
        _change(user, sent)
        return user


def _change(user: User, sent: Json) -> None:
    for name in ("name", "email", "tz"):
        if name not in sent:
            continue
        if not isinstance(sent[name], str | None):
            raise RefusedError(422, f"{name} must be a text")
        setattr(user, name, sent[name])
    user.attributes.update(_texts(sent.get("attributes") or {}, "attributes"))
    user.updated = fixture.NOW


def _object(value: Any, name: str) -> Json:
    if not isinstance(value, dict):
        raise RefusedError(422, f"{name} must be an object")
    return cast("Json", value)


def _texts(value: Any, name: str) -> Attributes:
    texts = _object(value, name)
    if not all(isinstance(text, str) for text in texts.values()):
        raise RefusedError(422, f"{name} must hold texts")
    return texts
