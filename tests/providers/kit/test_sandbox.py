"""The sandbox module of every source."""

import pytest

from providers.kit.sandbox import Sandbox, load_sandbox_module
from providers.registry import Source


@pytest.mark.parametrize("source", Source, ids=lambda source: source.name)
def test_every_source_has_a_sandbox_that_accepts_its_required_settings(source: Source) -> None:
    module = load_sandbox_module(source.value)

    assert tuple(module.SANDBOX_SETTINGS) == source.value.required_settings
    assert all(module.SANDBOX_SETTINGS.values())
    assert source.value.settings.keys() >= set(source.value.required_settings)


@pytest.mark.parametrize("source", Source, ids=lambda source: source.name)
def test_each_sandbox_is_new(source: Source) -> None:
    first, second = (load_sandbox_module(source.value).create_sandbox() for _ in range(2))

    assert isinstance(first, Sandbox)
    assert first is not second
    assert first.hosts == second.hosts


def test_no_two_sandboxes_answer_for_the_same_host() -> None:
    hosts = [
        host
        for source in Source
        for host in load_sandbox_module(source.value).create_sandbox().hosts
    ]

    assert len(set(hosts)) == len(hosts)
