"""The mechanisms that only make the server faster, each with the line that switches it off."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import pytest
from graphql.execution import Executor

from providers.kit.caching.derived_values import DerivedValues
from schema import federated_schema
from schema.fast_executor import FastPathExecutor
from schema.federated_schema import FederatedSchema
from schema.graph import build_schema
from server import app, operation_runner
from server.response_cache import ResponseCache


class PlainExecutor(Executor[None]):
    """graphql-core's executor, which knows none of our executor's options."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        for name in ("plans", "item_encoder"):
            options.pop(name, None)
        super().__init__(*arguments, **options)  # pyright: ignore[reportUnknownMemberType] - graphql-core's


def do_nothing(*_: object) -> None:
    """Stand in for a function that only makes the server faster."""


@cache
def build_schema_with_strawberrys_resolvers(**options: bool) -> FederatedSchema:
    """Build the schema as Strawberry does, with all of its own steps around a resolver."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(federated_schema, "use_direct_resolvers", do_nothing)
        return build_schema.__wrapped__(**options)


def compute_anew(
    _self: object, _name: str, _parts: object, compute: Callable[[], Any], _count: object
) -> Any:
    """Stand in for the look into the derived values."""
    return compute()


Switch = Callable[[pytest.MonkeyPatch], None]

SWITCHES: Mapping[str, Switch] = {
    "stored responses": lambda patch: patch.setattr(ResponseCache, "store", do_nothing),
    "plans": lambda patch: patch.setattr(federated_schema, "PlanExecutor", FastPathExecutor),
    "fast executor": lambda patch: patch.setattr(federated_schema, "PlanExecutor", PlainExecutor),
    "direct resolvers": lambda patch: patch.setattr(
        app, "build_schema", build_schema_with_strawberrys_resolvers
    ),
    "item encoder": lambda patch: patch.setattr(operation_runner, "ItemEncoder", do_nothing),
    "derived values": lambda patch: patch.setattr(DerivedValues, "get_or_compute", compute_anew),
}
