"""Trophies of a title that PSN sends in several pages."""

from providers.kit.sandbox import InjectedFault
from providers.psn.sandbox.app import create_sandbox
from providers.records import Part
from tests.providers.psn.harness import JSON, count_calls
from tests.providers.psn.trophies.contents_harness import (
    DEFINITIONS,
    index_trophies,
    load_contents_by_id,
)


def test_the_next_page_is_loaded_but_a_repeated_offset_is_not() -> None:
    sandbox = create_sandbox()
    first = {"trophies": [{"trophyId": 0}], "nextOffset": 1}
    last = {"trophies": [{"trophyId": 1}], "nextOffset": 1}
    sandbox.faults += [
        InjectedFault(r"all/trophies.*offset=1", 200, last, JSON),
        InjectedFault(r"all/trophies", 200, first, JSON),
    ]
    found = index_trophies(
        load_contents_by_id("NPWR00001_00", Part.DEFINITIONS, sandbox, service_name="trophy2")
    )
    assert list(found) == ["0", "1"]
    assert count_calls(sandbox) == {DEFINITIONS: 2}
