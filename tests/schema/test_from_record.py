"""GraphQL types get the attributes that their records have."""

from typing import Any

import pytest

from providers.records import Part
from providers.records import Title as TitleRecord
from providers.records import TrophyCounts as TrophyCountsRecord
from providers.registry import Source
from resolvers.context import Owner
from schema.from_record import copy_attributes, from_record, from_records
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


def test_records_of_a_list_are_built_as_one_by_one() -> None:
    titles = [TitleRecord(native_id=each, name=each) for each in "ab"]
    extra: dict[str, Any] = {"owner": Owner(Source.PSN, "me"), "parts": Part.NONE}
    extra |= {"record": titles[0], "request_title": titles[0]}
    counts = [TrophyCountsRecord(bronze=each, silver=0, gold=0, platinum=0) for each in (1, 2)]

    built = from_records(TrophyTitle, titles, **extra)
    others = from_records(TrophyCounts, counts)

    assert [each.name for each in built] == ["a", "b"]
    assert [vars(each) for each in built] == [
        vars(from_record(TrophyTitle, each, **extra)) for each in titles
    ]
    assert others == [from_record(TrophyCounts, each) for each in counts]
    assert from_records(TrophyCounts, []) == []


def test_objects_of_records_are_a_sequence() -> None:
    titles = [TitleRecord(native_id=each) for each in "abc"]
    extra: dict[str, Any] = {"owner": Owner(Source.PSN, "me"), "parts": Part.NONE}
    extra |= {"record": titles[0], "request_title": titles[0]}

    built = from_records(TrophyTitle, titles, **extra)

    assert len(built) == 3
    assert built[1].native_id == "b"
    assert [each.native_id for each in built[1:]] == ["b", "c"]
    assert vars(built[-1]) == vars(from_record(TrophyTitle, titles[-1], **extra))


def test_an_object_without_a_record_has_no_other_attributes() -> None:
    with pytest.raises(AttributeError):
        _ = User(account_refs=()).name  # pyright: ignore[reportAttributeAccessIssue] - that is tested
