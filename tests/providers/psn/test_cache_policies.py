"""Promises that PSN's cache policies keep for all values of a kind."""

from typing import Any

from providers.kit.caching.policy import CachePolicy
from providers.kit.caching.policy_table import find_policies
from providers.psn import cache_policies
from providers.psn.cache_policies import MESSAGE_GROUP, MESSAGE_GROUPS, MESSAGES

POLICIES = find_policies(cache_policies)


def test_private_conversations_stay_in_the_process_and_are_never_stale() -> None:
    conversations: tuple[CachePolicy[Any], ...] = (MESSAGES, MESSAGE_GROUP, MESSAGE_GROUPS)
    for policy in conversations:
        assert policy.process_local
        assert policy.invalidated_by_writes
        assert not policy.public
        assert (policy.stale_while_revalidate, policy.stale_if_error) == (0, 0)
        assert policy.max_age <= 15


def test_only_definitions_and_what_is_learned_of_them_are_public() -> None:
    public = {policy.name for policy in POLICIES.values() if policy.public}
    assert public == {
        "PSN.definitions",
        "PSN.groups",
        "PSN.learned_limits",
        "PSN.service_name",
        "PSN.set_size",
        "PSN.set_version",
    }


def test_every_policy_belongs_to_psn() -> None:
    assert {policy.source for policy in POLICIES.values()} == {"PSN"}
