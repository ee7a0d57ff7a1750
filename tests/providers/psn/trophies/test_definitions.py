"""Definitions of titles: their service, their version, and how long they are cached."""

import asyncio

import pytest

from providers.errors import ProviderError
from providers.kit.sandbox import InjectedFault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import create_sandbox
from providers.records import Contents, Part
from tests.providers.psn.harness import JSON, count_calls, make_title, run_with_client
from tests.providers.psn.trophies.contents_harness import (
    ALL_PARTS,
    DEFINED_GROUPS,
    DEFINITIONS,
    EARNED_GROUPS,
    find_listed_title,
    index_trophies,
    load_contents,
)


@pytest.mark.parametrize("listed_first", [True, False])
def test_concurrent_loads_of_definitions_with_and_without_a_version_are_one_call(
    *, listed_first: bool
) -> None:
    sandbox = create_sandbox()
    wanted = Part.DEFINITIONS | Part.GROUPS

    async def scenario(client: PsnClient) -> None:
        unversioned = make_title("NPWR00001_00", service_name="trophy2")
        titles = [await find_listed_title(client, "NPWR00001_00"), unversioned]
        ordered = titles if listed_first else titles[::-1]
        await asyncio.gather(*(load_contents(client, title, wanted) for title in ordered))

    run_with_client(scenario, sandbox)
    assert (count_calls(sandbox)[DEFINITIONS], count_calls(sandbox)[DEFINED_GROUPS]) == (1, 1)


def test_a_failed_load_of_definitions_does_not_affect_the_next() -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(
        InjectedFault("/npCommunicationIds/.*all/trophies", 200, "{", JSON, times=1)
    )

    async def scenario(client: PsnClient) -> list[Contents | BaseException]:
        unversioned = make_title("NPWR00001_00", service_name="trophy2")
        titles = [unversioned, await find_listed_title(client, "NPWR00001_00")]
        loads = (load_contents(client, title, Part.DEFINITIONS, None) for title in titles)
        return await asyncio.gather(*loads, return_exceptions=True)

    failed, found = run_with_client(scenario, sandbox)
    assert isinstance(failed, ProviderError)
    assert isinstance(found, Contents)
    assert index_trophies(found)


def test_an_unknown_service_name_is_found_once_and_cached() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> None:
        for wanted in (Part.DEFINITIONS, Part.GROUPS, ALL_PARTS):
            await load_contents(client, make_title("NPWR00002_00"), wanted)

    run_with_client(scenario, sandbox)
    asked_for = [request.url.params["npServiceName"] for request in sandbox.log[1:]]
    assert asked_for == ["trophy2", "trophy", "trophy", "trophy"]


def test_the_service_name_of_the_title_list_is_used() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> None:
        for native_id in ("NPWR00001_00", "NPWR00007_00"):
            await load_contents(client, await find_listed_title(client, native_id), ALL_PARTS)

    run_with_client(scenario, sandbox)
    services = {
        request.url.path.split("npCommunicationIds/")[1][:12]: request.url.params["npServiceName"]
        for request in sandbox.log
        if "npCommunicationIds" in request.url.path
    }
    assert services == {"NPWR00001_00": "trophy2", "NPWR00007_00": "trophy"}


def test_definitions_are_loaded_again_only_when_their_version_changes() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> tuple[int, int]:
        title = make_title("NPWR00001_00", service_name="trophy2", set_version="01.02")
        before = await load_contents(client, title, Part.DEFINITIONS, None)
        assert await load_contents(client, title, Part.DEFINITIONS, None) == before
        sandbox.add_trophy("NPWR00001_00", "Afterwards")
        title = make_title("NPWR00001_00", service_name="trophy2", set_version="01.03")
        after = await load_contents(client, title, Part.DEFINITIONS, None)
        return len(index_trophies(before)), len(index_trophies(after))

    assert run_with_client(scenario, sandbox) == (8, 9)
    assert count_calls(sandbox) == {DEFINITIONS: 2}


def test_definitions_loaded_with_a_version_are_reused_without_one() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> Contents:
        await load_contents(
            client, await find_listed_title(client, "NPWR00001_00"), Part.DEFINITIONS
        )
        title = make_title("NPWR00001_00", service_name="trophy2")
        await load_contents(client, title, Part.EARNED)
        return await load_contents(client, title, Part.GROUP_PROGRESS)

    groups = run_with_client(scenario, sandbox).groups or ()
    assert [group.progress for group in groups if group.progress is not None] != []
    assert EARNED_GROUPS not in count_calls(sandbox)
    assert count_calls(sandbox)[DEFINITIONS] == 1


@pytest.mark.parametrize("versions", [("01.02", None), (None, "01.02"), (None, None)], ids=str)
def test_definitions_with_and_without_a_version_are_the_same(
    versions: tuple[str | None, str | None],
) -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> list[Contents]:
        return [
            await load_contents(
                client,
                make_title("NPWR00001_00", service_name="trophy2", set_version=version),
                Part.DEFINITIONS | Part.GROUPS,
                None,
            )
            for version in versions
        ]

    first, second = run_with_client(scenario, sandbox)
    assert (first.achievements, first.groups) == (second.achievements, second.groups)
    assert count_calls(sandbox) == {DEFINED_GROUPS: 1, DEFINITIONS: 1}


def test_definitions_of_the_previous_version_are_loaded_again_when_the_rollout_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sandbox = create_sandbox()
    title = make_title("NPWR00001_00", service_name="trophy2", set_version="01.03")

    async def scenario(client: PsnClient) -> list[int]:
        counts = [len(index_trophies(await load_contents(client, title, Part.DEFINITIONS, None)))]
        sandbox.add_trophy("NPWR00001_00", "Afterwards")
        for seconds in (300, 0):
            monkeypatch.setattr(
                "providers.psn.trophies.definitions.UPSTREAM_CACHE_SECONDS", seconds
            )
            contents = await load_contents(client, title, Part.DEFINITIONS, None)
            counts.append(len(index_trophies(contents)))
        return counts

    assert run_with_client(scenario, sandbox) == [8, 8, 9]
    assert count_calls(sandbox) == {DEFINITIONS: 2}
