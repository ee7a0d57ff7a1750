"""The caller quota: in one process, over all processes, and for callers with several names."""

import asyncio
from pathlib import Path

import pytest

from providers.kit.rate_limiting.caller_quota import CallerQuotaExceeded, CallerQuotas, Charge
from providers.kit.rate_limiting.rate_limiter import Rate
from tests.providers.kit.shared_backends import Shared, run_with_store, shared_backends
from tests.providers.kit.simulated_processes import open_stores, run_scenario


def get_charge(quotas: CallerQuotas, *names: str) -> Charge:
    charge = quotas.create_charge(*names)
    assert charge is not None
    return charge


def approximately(seconds: float) -> object:
    """Match a number of seconds of which up to ten have passed."""
    return pytest.approx(seconds - 5, abs=5)


@shared_backends
def test_the_caller_quota_holds_over_all_processes_and_a_restart(
    backend: str, tmp_path: Path
) -> None:
    async def scenario(shared: Shared) -> None:
        async with open_stores(shared.url) as (one, two):
            both = [CallerQuotas(Rate(10, 900), store) for store in (one, two)]
            charges = [get_charge(quotas, "a-caller") for quotas in both for _ in range(20)]
            outcomes = await asyncio.gather(
                *(charge("PSN") for charge in charges), return_exceptions=True
            )
            errors = [each for each in outcomes if isinstance(each, CallerQuotaExceeded)]
            assert len(outcomes) - len(errors) == 10
            assert all(error.retry_after == approximately(900) for error in errors)
            await get_charge(both[0], "another-caller")("PSN")
        async with open_stores(shared.url, 1) as (later,):
            with pytest.raises(CallerQuotaExceeded):
                await get_charge(CallerQuotas(Rate(10, 900), later), "a-caller")("PSN")

    run_with_store(backend, tmp_path, scenario)


def test_the_caller_quota_without_a_shared_store_is_kept_in_this_process() -> None:
    async def scenario() -> None:
        charge = get_charge(CallerQuotas(Rate(2, 900)), "a-caller")
        await charge("PSN")
        await charge("RETRO_ACHIEVEMENTS")
        with pytest.raises(CallerQuotaExceeded, match="Your quota") as error:
            await charge("PSN")
        assert (error.value.source, error.value.code) == ("PSN", "UPSTREAM_RATE_LIMITED")
        assert error.value.retry_after == approximately(900)

    run_scenario(scenario)


def test_a_caller_with_several_names_is_limited_by_each_of_them() -> None:
    async def scenario() -> None:
        quotas, allowed = CallerQuotas(Rate(2, 900)), 0
        for number in range(5):
            charge = get_charge(quotas, "a-key", f"credential-{number}")
            try:
                await charge("PSN")
                allowed += 1
            except CallerQuotaExceeded:
                pass
        assert allowed == 2

    run_scenario(scenario)


def test_without_a_rate_there_is_no_quota() -> None:
    assert CallerQuotas(Rate.parse("")).create_charge("a-caller") is None


def test_the_quota_of_the_least_recently_active_caller_is_dropped_first() -> None:
    async def scenario() -> None:
        quotas = CallerQuotas(Rate(1, 900), capacity=2)
        for name in ("first", "second"):
            await get_charge(quotas, name)("PSN")
        with pytest.raises(CallerQuotaExceeded):
            await get_charge(quotas, "first")("PSN")
        await get_charge(quotas, "third")("PSN")
        with pytest.raises(CallerQuotaExceeded):
            await get_charge(quotas, "first")("PSN")
        await get_charge(quotas, "second")("PSN")

    run_scenario(scenario)
