"""Eviction of callers' sign-ins: invented credentials do not evict callers that are signed in."""

import asyncio

from providers.psn.auth.caller_sign_ins import CallerSignIns
from providers.psn.auth.sign_in import SignIn
from providers.psn.sandbox.app import create_sandbox
from providers.psn.sandbox.constants import SECOND_NPSSO
from tests.providers.psn.auth.sign_in_harness import FakeClock, open_sign_in
from tests.providers.psn.harness import TOKEN


def test_the_least_recently_used_idle_sign_in_is_evicted_first() -> None:
    async def scenario() -> None:
        sandbox, clock = create_sandbox(), FakeClock()
        async with (
            open_sign_in(sandbox, clock) as first,
            open_sign_in(sandbox, clock) as second,
            open_sign_in(sandbox, clock) as third,
        ):
            sign_ins = CallerSignIns(max_sign_ins=2, max_idle_sign_ins=0)
            assert sign_ins.get_or_create("first", lambda: first) is first
            assert sign_ins.get_or_create("second", lambda: second) is second
            assert sign_ins.get_or_create("first", lambda: third) is first
            assert sign_ins.get_or_create("third", lambda: third) is third
            assert sign_ins.get_or_create("first", lambda: third) is first
            assert sign_ins.get_or_create("second", lambda: third) is third

    asyncio.run(scenario())


def test_a_signed_in_caller_is_not_evicted_for_invented_credentials() -> None:
    async def scenario() -> None:
        sandbox, clock = create_sandbox(), FakeClock()
        async with (
            open_sign_in(sandbox, clock) as signed_in,
            open_sign_in(sandbox, clock) as idle,
        ):
            await signed_in.build_headers()
            sign_ins = CallerSignIns(max_sign_ins=3, max_idle_sign_ins=1)
            sign_ins.get_or_create("caller", lambda: signed_in)
            for number in range(10):
                sign_ins.get_or_create(f"invented {number}", lambda: idle)
            assert sign_ins.get_or_create("caller", lambda: idle) is signed_in

    asyncio.run(scenario())


def test_a_new_caller_signs_in_once_although_all_places_are_taken() -> None:
    sandbox, clock = create_sandbox(), FakeClock()

    async def scenario() -> None:
        async with (
            open_sign_in(sandbox, clock) as known,
            open_sign_in(sandbox, clock, SECOND_NPSSO) as new,
        ):
            sign_ins = CallerSignIns(max_sign_ins=1, max_idle_sign_ins=1)
            sign_in: SignIn = sign_ins.get_or_create("known", lambda: known)
            await sign_in.build_headers()
            for _ in range(5):
                await sign_ins.get_or_create("new", lambda: new).build_headers()

    asyncio.run(scenario())
    assert sandbox.calls[TOKEN] == 2
