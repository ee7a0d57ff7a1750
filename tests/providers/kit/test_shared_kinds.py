"""Every kind there is: told in the document, and the same on the other side of Redis."""

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
    HasPeople,
    HasTitles,
    HasTrophySummary,
    TitlesKey,
)
from providers.kit.caching.cache import Cache
from providers.kit.caching.cached import Answer
from providers.kit.caching.policy_table import kinds_of, table
from providers.kit.caching.redis_store import decoder_of, shape_of
from providers.kit.rate_limiting.rate_limiter import Gates
from providers.kit.request_context import current
from providers.kit.shared.shared_store import Shared
from providers.kit.upstream.upstream_client import Kit
from providers.records import Part
from providers.registry import Source
from server import apq
from tests.providers.kit.processes import processes, running
from tests.providers.kit.redis_server import redis_server

DOCUMENT = Path(__file__).parents[3] / "docs" / "caching.md"
BEGIN, END = "<!-- the table of kinds -->\n", "\n<!-- its end -->"
EVERYTHING = ~Part.NOTHING


def modules() -> list[ModuleType]:
    """All modules that say how long something is good."""
    found = pkgutil.walk_packages(providers.__path__, "providers.")
    names = [each.name for each in found if each.name.endswith("cache_policies")]
    return [*map(import_module, names), apq]


KINDS = [kind for module in modules() for kind in kinds_of(module).values()]


def test_the_document_tells_every_kind_as_it_is() -> None:
    assert DOCUMENT.read_text() == rewritten(DOCUMENT.read_text())


def rewritten(text: str) -> str:
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    return f"{before}{begin}{table(modules())}{end}{after}"


def test_every_kind_can_be_stored_elsewhere() -> None:
    for kind in KINDS:
        assert decoder_of(kind.type)
        assert len(shape_of(kind.type)) == 16


def test_no_two_kinds_have_one_name_and_another_type() -> None:
    types: dict[str, set[str]] = defaultdict(set)
    for kind in KINDS:
        types[kind.name].add(f"{kind.type} {kind.shared} {kind.localized} {kind.local}")
    assert [name for name, told in types.items() if len(told) > 1] == []


def test_two_shapes_of_one_type_are_told_apart() -> None:
    older = msgspec.defstruct("Thing", [("name", str)])
    newer = msgspec.defstruct("Thing", [("name", str), ("size", int, 0)])
    assert shape_of(older) != shape_of(newer)


@pytest.mark.parametrize("source", Source, ids=lambda source: source.name)
def test_the_second_process_gives_the_same_answers_without_a_call(source: Source) -> None:
    sandbox = source.value.sandbox()

    async def course() -> None:
        with redis_server() as redis:
            async with (
                processes(redis.url) as (one, two),
                httpx.AsyncClient(transport=httpx.MockTransport(sandbox.answer)) as http,
            ):
                first = await everything(client_of(source, http, one))
                await one.get(one.name("nothing"))  # answered when all is stored that was told
                called = current().calls[source.name]
                assert called > 0
                assert await everything(client_of(source, http, two)) == first
                assert current().calls[source.name] == called

    running(course, seconds=60)


def client_of(source: Source, http: httpx.AsyncClient, store: Shared) -> Client:
    kit = Kit(http, Cache(shared=store), Gates(shared=store), shared=store)
    provider = source.value
    rates = {name: "" for name in provider.settings if name.endswith("_RATE")}
    client = provider.open(
        kit, {**provider.settings, **provider.sandbox_settings, **rates}
    ).operator()
    assert client is not None
    return client


async def everything(client: Client) -> list[object]:
    """All that one account's own page may show."""
    found: list[object] = []
    me = client.own_handle
    if isinstance(client, HasPeople):
        found += await client.people([me])
    if isinstance(client, HasTrophySummary):
        found += await client.trophy_summaries([me])
    if isinstance(client, HasTitles):
        found += await titles_and_contents(client, me)
    if isinstance(client, HasAchievements):
        found += await client.achievements([me])
    if isinstance(client, HasAwards):
        found += await client.awards([me])
    if isinstance(client, HasCampaigns):
        found.append(await client.campaigns())
    if isinstance(client, HasMetrics):
        found += [*await client.metrics([me]), *await client.streaks([me])]
    return [value(answer) for answer in found]


def value(answer: object) -> object:
    assert isinstance(answer, Answer)
    return cast("Answer[object]", answer).value


async def titles_and_contents(client: HasTitles, handle: str) -> list[object]:
    (page,) = await client.titles([TitlesKey(handle)])
    assert isinstance(page, Answer)
    keys = [ContentsKey(handle, title, EVERYTHING) for title in page.value.titles[:5]]
    found: list[object] = [page, *await client.contents(keys)]
    return found


if __name__ == "__main__":
    DOCUMENT.write_text(rewritten(DOCUMENT.read_text()))
