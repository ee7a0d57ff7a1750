"""GraphQL types get the attributes that their records have."""

from providers.records import TrophyCounts as TrophyCountsRecord
from schema.from_record import copy_attributes, from_record
from schema.source import SourceBudget
from schema.values import TrophyCounts


def test_attributes_are_copied_by_name() -> None:
    record = TrophyCountsRecord(bronze=3, silver=2, gold=1, platinum=0)

    built = from_record(TrophyCounts, record)

    assert (built.bronze, built.silver, built.gold, built.platinum) == (3, 2, 1, 0)
    assert built.total == 6


def test_attributes_that_the_record_does_not_have_are_left_out() -> None:
    record = TrophyCountsRecord(bronze=3, silver=2, gold=1, platinum=0)

    assert copy_attributes(SourceBudget, record) == {}
