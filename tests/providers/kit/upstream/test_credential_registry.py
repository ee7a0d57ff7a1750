"""What is remembered of credentials, and for how long."""

import asyncio

from providers.kit.upstream.credential_registry import CredentialRegistry
from tests.virtual_time import use_virtual_time

CREDENTIAL = ("PSN", "a-scope")


def test_an_acceptance_counts_for_ten_minutes_after_the_last_accepted_call() -> None:
    with use_virtual_time() as clock:
        registry = CredentialRegistry()
        assert not registry.is_accepted(*CREDENTIAL)
        registry.record_accepted(*CREDENTIAL)
        clock.now += 500
        registry.record_accepted(*CREDENTIAL)
        clock.now += 599
        assert registry.is_accepted(*CREDENTIAL)
        assert not registry.is_accepted("TROPHY_SO", "a-scope")
        clock.now += 2
        assert not registry.is_accepted(*CREDENTIAL)


def test_a_rejection_counts_for_a_minute_whatever_older_calls_return() -> None:
    with use_virtual_time() as clock:
        registry = CredentialRegistry()
        registry.record_accepted(*CREDENTIAL)
        registry.record_rejected(*CREDENTIAL)
        registry.record_accepted(*CREDENTIAL)
        assert registry.is_rejected(*CREDENTIAL)
        assert not registry.is_accepted(*CREDENTIAL)
        clock.now += 61
        assert not registry.is_rejected(*CREDENTIAL)
        registry.record_accepted(*CREDENTIAL)
        assert registry.is_accepted(*CREDENTIAL)


def test_one_call_goes_first_and_the_others_follow_once_it_shows_something() -> None:
    async def scenario() -> list[str]:
        registry, order = CredentialRegistry(), list[str]()
        may_end = asyncio.Event()

        async def lead() -> None:
            async with registry.call_one_first(*CREDENTIAL):
                order.append("first")
                await asyncio.sleep(0)
                order.append("accepted")
                registry.record_accepted(*CREDENTIAL)
                await may_end.wait()
                order.append("first ended")

        async def follow() -> None:
            async with registry.call_one_first(*CREDENTIAL):
                order.append("other")
            may_end.set()

        await asyncio.gather(lead(), follow())
        return order

    assert asyncio.run(scenario()) == ["first", "accepted", "other", "first ended"]
