"""GraphQL types get the attributes that their records have."""

import pytest

from providers.records import Part
from providers.records import Title as TitleRecord
from providers.records import TrophyCounts as TrophyCountsRecord
from providers.registry import Source
from resolvers.context import Owner
from schema.from_record import copy_attributes, from_record
from schema.source import SourceBudget
from schema.title import TrophyTitle
from schema.user import User
from schema.values import TrophyCounts


def test_attributes_are_copied_by_name() -> None:
    record = TrophyCountsRecord(bronze=3, silver=2, gold=1, platinum=0)

    built = from_record(TrophyCounts, record)

    assert (built.bronze, built.silver, built.gold, built.platinum) == (3, 2, 1, 0)
    assert built.total == 6


def test_attributes_that_the_record_does_not_have_are_left_out() -> None:
    record = TrophyCountsRecord(bronze=3, silver=2, gold=1, platinum=0)

    assert copy_attributes(SourceBudget, record) == {}


def test_a_node_reads_from_its_record() -> None:
    record = TitleRecord(native_id="1", name="One")

    built = TrophyTitle.from_record(record, Owner(Source.PSN, "me"), Part.NONE)

    assert (built.name, built.native_id, built.icon) == ("One", "1", None)
    assert vars(built).keys() == {"owner", "parts", "request_title", "record", "_record"}
    with pytest.raises(AttributeError):
        _ = built.nothing  # pyright: ignore[reportAttributeAccessIssue] - that is tested


def test_an_object_without_a_record_has_no_other_attributes() -> None:
    with pytest.raises(AttributeError):
        _ = User(account_refs=()).name  # pyright: ignore[reportAttributeAccessIssue] - that is tested
