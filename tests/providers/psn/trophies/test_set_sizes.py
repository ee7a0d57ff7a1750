"""Rows have the numbers of trophies of newer definitions, and of no older ones."""

from datetime import UTC, datetime, timedelta

import pytest

from providers.psn.cached_records import GroupDefinitions
from providers.psn.client import PsnClient
from providers.psn.trophies.set_sizes import remember_size, update_sizes
from providers.records import Title, TrophyCounts
from tests.providers.psn.harness import run_with_client

NOW = datetime.now(UTC)
NINE = TrophyCounts(bronze=9)


@pytest.mark.parametrize(
    ("version", "counts", "synced_at", "expected"),
    [
        ("01.00", TrophyCounts(bronze=8), NOW - timedelta(days=1), 9),
        ("01.00", TrophyCounts(bronze=8), None, 9),
        (None, TrophyCounts(bronze=8), None, 9),
        ("01.01", TrophyCounts(bronze=8), None, 8),
        ("01.00", TrophyCounts(bronze=8), NOW + timedelta(days=1), 8),
        ("01.00", TrophyCounts(bronze=10), None, 10),
        ("01.00", None, None, None),
    ],
    ids=["synced before", "no time", "no version", "later version", "synced later", "more", "none"],
)
def test_a_row_has_the_larger_number_unless_it_is_newer(
    version: str | None, counts: TrophyCounts | None, synced_at: datetime | None, expected: int
) -> None:
    row = Title(
        native_id="NPWR00001_00",
        set_version=version,
        defined_counts=counts,
        achievement_count=counts.total if counts else None,
        last_updated_at=synced_at,
    )
    defined = Title(native_id=row.native_id, defined_counts=NINE)

    async def scenario(client: PsnClient) -> Title:
        definitions = GroupDefinitions(version="01.00", title=defined, groups=())
        remember_size(client.cached_api, row.native_id, definitions)
        (updated,) = update_sizes(client.cached_api, [row])
        return updated

    updated = run_with_client(scenario)
    assert updated.achievement_count == expected
    assert updated.defined_counts == (NINE if expected == 9 else counts)


def test_definitions_without_counts_are_not_remembered() -> None:
    row = Title(native_id="NPWR00001_00", defined_counts=TrophyCounts(bronze=8))

    async def scenario(client: PsnClient) -> tuple[Title, ...]:
        definitions = GroupDefinitions(version=None, title=Title(native_id="x"), groups=())
        remember_size(client.cached_api, row.native_id, definitions)
        return update_sizes(client.cached_api, [row])

    assert run_with_client(scenario) == (row,)
