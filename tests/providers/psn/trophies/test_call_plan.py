"""Calls that are needed for the wanted parts of a title's contents."""

from datetime import UTC, datetime

import pytest

from providers.kit.caching.cached import Cached
from providers.psn.cached_records import TrophyDefinitions
from providers.psn.trophies.call_plan import CallPlan, CallResults, can_derive_progress
from providers.records import Part
from tests.providers.psn.harness import make_title


@pytest.mark.parametrize(
    ("parts", "calls"),
    [
        (Part.NONE, ""),
        (Part.TITLE, "groups"),
        (Part.GROUPS, "groups"),
        (Part.DEFINITIONS, "definitions"),
        (Part.EARNED, "earned"),
        (Part.RARITY, "earned"),
        (Part.GROUP_PROGRESS, "progress"),
        (Part.TITLE_PROGRESS, "progress"),
        (Part.DEFINITIONS | Part.TITLE_PROGRESS, "definitions progress"),
        (Part.EARNED | Part.GROUP_PROGRESS, "earned progress"),
        (Part.DEFINITIONS | Part.EARNED | Part.GROUP_PROGRESS, "definitions earned"),
        (Part.DEFINITIONS | Part.RARITY | Part.TITLE_PROGRESS, "definitions earned"),
    ],
)
def test_progress_costs_a_call_unless_all_trophies_are_loaded(parts: Part, calls: str) -> None:
    plan = CallPlan(make_title("NPWR00001_00"), "trophy2", "me", parts)
    needs = {
        "groups": plan.needs.groups,
        "definitions": plan.needs.definitions,
        "earned": plan.needs.earned,
        "progress": plan.needs.progress,
    }
    assert [call for call, is_needed in needs.items() if is_needed] == calls.split()


def test_progress_is_derived_from_definitions_and_earned_state_together() -> None:
    assert can_derive_progress(Part.DEFINITIONS | Part.EARNED)
    assert can_derive_progress(Part.DEFINITIONS | Part.RARITY)
    assert not can_derive_progress(Part.DEFINITIONS)
    assert not can_derive_progress(Part.EARNED | Part.RARITY)


def test_only_results_of_calls_that_were_made_are_loaded() -> None:
    definitions = Cached(TrophyDefinitions(version=None, definitions=()), datetime.now(UTC))
    assert CallResults(None, definitions, None, None).loaded == [definitions]
