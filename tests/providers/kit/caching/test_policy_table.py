"""Every cache policy: its row in docs/caching.md, and its values in a second process."""

import pkgutil
from collections import defaultdict
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import cast

import httpx
import msgspec
import pytest

import providers
from providers.capabilities import (
    Client,
    ContentsKey,
    HasAchievements,
    HasAwards,
    HasCampaigns,
    HasMetrics,
    HasProfiles,
    HasTitles,
    HasTrophySummary,
    TitlePageKey,
)
from providers.kit.caching.cache import Cache
from providers.kit.caching.cached import Cached
from providers.kit.caching.entry_store import get_decoder, hash_schema
from providers.kit.caching.policy_table import find_policies, render_table
from providers.kit.rate_limiting.rate_limiter import RateLimiters
from providers.kit.request_context import get_current
from providers.kit.sandbox import load_sandbox_module
from providers.kit.shared.shared_store import SharedStore
from providers.kit.upstream.upstream_client import SharedServices
from providers.records import Part
from providers.registry import Source
from server import apq
from tests.providers.kit.redis_server import run_redis_server
from tests.providers.kit.simulated_processes import open_stores, run_scenario

DOCUMENT = Path(__file__).parents[4] / "docs" / "caching.md"
BEGIN_MARKER, END_MARKER = "<!-- policy table -->\n", "\n<!-- end of policy table -->"
ALL_PARTS = ~Part.NONE


def import_policy_modules() -> list[ModuleType]:
    """Import all modules that declare cache policies."""
    modules = pkgutil.walk_packages(providers.__path__, "providers.")
    names = [module.name for module in modules if module.name.endswith("cache_policies")]
    return [*map(import_module, names), apq]


POLICIES = [
    policy for module in import_policy_modules() for policy in find_policies(module).values()
]


def test_the_policy_table_in_the_document_is_current() -> None:
    assert DOCUMENT.read_text() == rewrite_table(DOCUMENT.read_text())


def rewrite_table(text: str) -> str:
    before, begin, rest = text.partition(BEGIN_MARKER)
    _, end, after = rest.partition(END_MARKER)
    return f"{before}{begin}{render_table(import_policy_modules())}{end}{after}"


def test_every_policy_type_can_be_decoded() -> None:
    for policy in POLICIES:
        assert get_decoder(policy.type)
        assert len(hash_schema(policy.type)) == 16


def test_presence_and_messages_never_leave_the_process() -> None:
    """The components of a JSON schema are the records that a value consists of."""
    for policy in POLICIES:
        _, records = msgspec.json.schema_components([policy.type])
        is_private = any("Presence" in name or "Message" in name for name in records)
        assert policy.process_local or not is_private, policy.name


def test_policies_of_one_name_are_declared_alike() -> None:
    declarations: dict[str, set[str]] = defaultdict(set)
    for policy in POLICIES:
        declarations[policy.name].add(
            f"{policy.type} {policy.public} {policy.localized} {policy.process_local}"
        )
    assert [name for name, different in declarations.items() if len(different) > 1] == []


def test_the_schema_hash_of_a_type_depends_on_its_fields() -> None:
    older = msgspec.defstruct("Thing", [("name", str)])
    newer = msgspec.defstruct("Thing", [("name", str), ("size", int, 0)])
    assert hash_schema(older) != hash_schema(newer)


@pytest.mark.slow
@pytest.mark.parametrize("source", Source, ids=lambda source: source.name)
def test_a_second_process_returns_the_same_data_without_a_call(source: Source) -> None:
    sandbox = load_sandbox_module(source.value).create_sandbox()

    async def scenario() -> None:
        with run_redis_server() as redis:
            async with (
                open_stores(redis.url) as (one, two),
                httpx.MockTransport(sandbox.handle_request) as transport,
            ):
                client = open_client(source, transport, one)
                await fetch_everything(client)
                first = await fetch_everything(client)  # a list has what its titles told
                await one.get(one.build_key("nothing"))  # replied after all earlier writes
                calls = get_current().calls[source.name]
                assert calls > 0
                assert await fetch_everything(open_client(source, transport, two)) == first
                assert get_current().calls[source.name] == calls

    run_scenario(scenario, seconds=60)


def open_client(source: Source, transport: httpx.AsyncBaseTransport, store: SharedStore) -> Client:
    services = SharedServices(
        transport, Cache(shared_store=store), RateLimiters(shared_store=store), shared_store=store
    )
    provider = source.value
    rates = {name: "" for name in provider.settings if name.endswith("_RATE")}
    client = provider.create_service(
        services, {**provider.settings, **load_sandbox_module(provider).SANDBOX_SETTINGS, **rates}
    ).get_operator_client()
    assert client is not None
    return client


async def fetch_everything(client: Client) -> list[object]:
    """Fetch what one account's page can show."""
    outcomes: list[object] = []
    handle = client.own_handle
    if isinstance(client, HasProfiles):
        outcomes += await client.get_profiles([handle])
    if isinstance(client, HasTrophySummary):
        outcomes += await client.get_trophy_summaries([handle])
    if isinstance(client, HasTitles):
        outcomes += await fetch_titles_and_contents(client, handle)
    if isinstance(client, HasAchievements):
        outcomes += await client.get_achievements([handle])
    if isinstance(client, HasAwards):
        outcomes += await client.get_awards([handle])
    if isinstance(client, HasCampaigns):
        outcomes.append(await client.get_campaigns())
    if isinstance(client, HasMetrics):
        outcomes += [*await client.get_metrics([handle]), *await client.get_streaks([handle])]
    return [unwrap(outcome) for outcome in outcomes]


def unwrap(outcome: object) -> object:
    assert isinstance(outcome, Cached)
    return cast("Cached[object]", outcome).value


async def fetch_titles_and_contents(client: HasTitles, handle: str) -> list[object]:
    (page,) = await client.get_titles([TitlePageKey(handle)])
    assert isinstance(page, Cached)
    keys = [ContentsKey(handle, title, ALL_PARTS) for title in page.value.titles[:5]]
    outcomes: list[object] = [page, *await client.get_contents(keys)]
    return outcomes


if __name__ == "__main__":
    DOCUMENT.write_text(rewrite_table(DOCUMENT.read_text()))
