"""Any operation, in any state of the sources, has the response that graphql-core's executor gives.

Each example is a sequence of requests by several viewers, with failures, aged values and writes
between them. It is played on two servers that start with an empty cache: one as it is, and one
without all the mechanisms that only make it faster.
"""

import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from providers.kit.sandbox import InjectedFault
from providers.psn.sandbox import constants
from providers.registry import Source
from tests.harness import RunningServer, operator_settings, run_server
from tests.mechanisms import SWITCHES
from tests.schema.generated_operations import (
    Operation,
    draw_operations,
    list_fields,
    list_ways,
)
from tests.schema.sandbox_values import list_values
from tests.server.cache_age import age_cache
from tests.server.caller_headers import OWNER_ON_PSN, SECOND, SECOND_ON_PSN, SECOND_ON_RETRO
from tests.virtual_time import VirtualClock, use_clock

# Examples of each test; any number for a longer search.
EXAMPLES = int(os.environ.get("GENERATED_EXAMPLES", "20"))
QUICK_EXAMPLES = 12
# To shorten a failing example takes minutes.
PHASES = (
    set(Phase)
    if "GENERATED_EXAMPLES" in os.environ
    else {Phase.explicit, Phase.reuse, Phase.generate}
)
BUDGET = settings(
    max_examples=EXAMPLES,
    # The same operations in each run, unless more are asked for.
    derandomize="GENERATED_EXAMPLES" not in os.environ,
    deadline=None,
    phases=PHASES,
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
)
START = time.time()
# What the real clock decides, and the id of the request.
VARIABLE_PARTS = re.compile(
    rb'("(?:a\d+_)?(?:remainingSeconds|remainingTime|retryAfter|credentialExpiresAt|resetsAt|requestId)":)'
    rb'(?:\d+|"[^"]*")'
)
MINUTES = re.compile(rb'("(?:a\d+_)?(?:fetchedAt|createdAt)":"[^"]{13})[^"]*')
# An uploaded resource has the milliseconds of its upload at the end of its id.
UPLOAD_TIMES = re.compile(rb'("(?:a\d+_)?resourceId":"[^"]*_\d{7})\d{6}(?=")')
# They show what happened before, by purpose.
FIELDS_WITH_HISTORY = ("credentialExpiresAt", "budget", "fetchedAt")


@dataclass(frozen=True)
class Step:
    """A request, or something that happens between requests."""

    name: str
    happen: Callable[[RunningServer], Any]

    def __repr__(self) -> str:
        return self.name


class Body(msgspec.Struct):
    """The body of a response, with the data as the bytes that were sent."""

    data: msgspec.Raw = msgspec.Raw()
    errors: list[Any] = []
    extensions: dict[str, Any] = {}


def send(operation: Operation, headers: Mapping[str, str]) -> Step:
    def request(server: RunningServer) -> object:
        response = server.request(
            "POST", "/graphql", json=operation.build_body(), headers=dict(headers)
        )
        content = UPLOAD_TIMES.sub(rb"\g<1>", MINUTES.sub(rb"\g<1>", response.content))
        content = VARIABLE_PARTS.sub(rb"\g<1>0", content)
        body = msgspec.json.decode(content, type=Body)
        errors = sorted(body.errors, key=lambda each: json.dumps(each, sort_keys=True))
        return (
            response.status_code,
            bytes(body.data),
            errors,
            body.extensions.get("upstream"),
        )

    return Step(f"{operation} {dict(headers)}", request)


def unlock_on_psn(server: RunningServer) -> None:
    account = constants.OWNER_ACCOUNT_ID
    sets = [each for owner, each in server.psn.database.trophy_progress if owner == account]
    server.psn.unlock(account, sets[0], 1, "2026-02-01T00:00:00Z")


def fail(path: str, fault: Mapping[str, Any]) -> Step:
    def inject(server: RunningServer) -> None:
        server.upstreams.add_fault(InjectedFault(path, **fault))

    return Step(f"fail {path} {fault}", inject)


HOSTS = ("playstation", "retroachievements", "trophy\\.so", "steampowered", "xbl")
PATHS = (*HOSTS, "trophyTitles\\?", "trophyGroups", "profile", "achievements", "friends", "op\\?")
FAULTS: tuple[Mapping[str, Any], ...] = (
    {"status": 503},
    {"status": 429, "headers": {"Retry-After": "77"}},
    {"status": 404},
    {"status": 403},
    {"status": 401},
    {"status": 200, "body": "<html>"},
    {"status": 200, "body": {}},
    {"status": 200, "body": [7, None, {}]},
    {"truncate": True},
    {"reset": True},
    {"hang": True},
)
RECOVER = Step("recover", lambda server: server.clear_faults())
CHANGES = (
    *(Step(f"age by {age}", lambda server, age=age: age_cache(server, age)) for age in (31, 9**5)),
    Step("unlock on PSN", unlock_on_psn),
    RECOVER,
)
HEADERS: tuple[Mapping[str, str], ...] = (
    {},
    {},
    {},
    {},
    {"accept-language": "de-DE"},
    {"cache-control": "no-cache"},
    OWNER_ON_PSN,
    SECOND,
    {**SECOND_ON_PSN, **SECOND_ON_RETRO},
    {**SECOND_ON_RETRO, "x-retroachievements-api-key": "0" * 32},
)
OWN_HEADERS: Sequence[Mapping[str, str]] = [{}, OWNER_ON_PSN, OWNER_ON_PSN, OWNER_ON_PSN, SECOND]


def draw_headers(operation: Operation) -> st.SearchStrategy[Mapping[str, str]]:
    return st.sampled_from(OWN_HEADERS if operation.writes else HEADERS)


def draw_events() -> st.SearchStrategy[Step]:
    faults = st.builds(fail, st.sampled_from(PATHS), st.sampled_from(FAULTS))
    return st.sampled_from(CHANGES) | faults


@st.composite
def draw_steps(draw: st.DrawFn) -> list[Step]:
    """Choose few requests, so that each is repeated, with events between them."""
    values = list_values()
    requests = [
        send(operation, draw(draw_headers(operation)))
        for operation in draw(st.lists(draw_operations(values), min_size=1, max_size=2))
    ]
    repeated = st.sampled_from(requests)
    later = draw(st.lists(repeated | repeated | draw_events(), max_size=5))
    before = draw(st.lists(draw_events(), max_size=1))
    return [*before, requests[0], requests[-1], *later, requests[-1]]


@st.composite
def draw_reads(draw: st.DrawFn) -> list[Step]:
    """Choose requests of one viewer, of which none writes and nothing fails."""
    operations = st.lists(draw_operations(list_values()), min_size=2, max_size=4)
    headers = draw(st.sampled_from(HEADERS))
    reads = [each for each in draw(operations) if not each.writes]
    assume(reads and not any(name in reads[-1].text for name in FIELDS_WITH_HISTORY))
    return [send(each, headers) for each in reads]


def count_calls(server: RunningServer, *, by_host: bool) -> dict[str, int]:
    calls = Counter[str]()
    for sandbox in server.upstreams.sandboxes.values():
        for name, count in sandbox.calls.items():
            calls[name.partition("/")[0] if by_host else name] += count
    return dict(calls)


def play(steps: Sequence[Step]) -> Iterator[Any]:
    """Play the steps on a server that has nothing in its cache; yield what each shows."""
    clock = VirtualClock(1000.0)
    with pytest.MonkeyPatch.context() as patch, use_clock(clock):
        patch.setattr(time, "time", lambda: START + clock.now)
        with run_server(sandbox=False, **operator_settings(*Source)) as server:
            has_failed = False
            for step in steps:
                shown = step.happen(server)
                # The first of several concurrent calls to fail stops the others, and which one it
                # is is not promised.
                has_failed = has_failed or step.name.startswith("fail")
                yield *(shown or ()), count_calls(server, by_host=has_failed)


def play_without_mechanisms(steps: Sequence[Step], *names: str) -> list[Any]:
    with pytest.MonkeyPatch.context() as patch:
        for name in names:
            SWITCHES[name](patch)
        return list(play(steps))


def check(steps: Sequence[Step], *names: str) -> None:
    """Compare the server, without these mechanisms, with one that has none of them.

    Only lookups may be fewer: of equal fields one is executed.
    """
    expected = play_without_mechanisms(steps, *SWITCHES)
    compare(steps, play_without_mechanisms(steps, *names), expected, ("cached", "coalesced"))


def compare(
    steps: Sequence[Step], found: list[Any], expected: list[Any], left_out: Sequence[str] = ()
) -> None:
    for step, ours, theirs in zip(steps, found, expected, strict=True):
        for our_part, their_part in zip(ours, theirs, strict=True):
            assert leave_out(our_part, left_out) == leave_out(their_part, left_out), step


def leave_out(part: Any, names: Sequence[str]) -> Any:
    """Leave some counts out of what a step shows."""
    if not isinstance(part, dict):
        return part
    counts = cast("dict[str, Any]", part)
    return {name: count for name, count in counts.items() if name not in names}


@settings(BUDGET, max_examples=QUICK_EXAMPLES, derandomize=True)
@given(steps=draw_steps())
def test_a_few_operations_have_the_response_of_graphql_core(steps: list[Step]) -> None:
    check(steps)


@pytest.mark.slow
@pytest.mark.parametrize("switched_off", [None, *SWITCHES])
@settings(BUDGET)
@given(steps=draw_steps())
def test_any_operation_has_the_response_of_graphql_core(
    switched_off: str | None, steps: list[Step]
) -> None:
    check(steps, *([switched_off] if switched_off else []))


@pytest.mark.slow
@settings(BUDGET)
@given(steps=draw_reads())
def test_a_stored_response_counts_the_same_lookups(steps: list[Step]) -> None:
    executed = play_without_mechanisms(steps, "stored responses")
    compare(steps, play_without_mechanisms(steps), executed)


@pytest.mark.slow
@settings(BUDGET)
@given(steps=draw_reads())
def test_what_is_in_memory_changes_no_answer(steps: list[Step]) -> None:
    *_, (*ours, _, _) = play(steps)
    ((*expected, _, _),) = play_without_mechanisms(steps[-1:], *SWITCHES)

    assert ours == expected


def test_every_field_of_the_schema_can_be_reached() -> None:
    assert all(list_ways(kind) or kind in ("Query", "Mutation") for kind, _ in list_fields())
