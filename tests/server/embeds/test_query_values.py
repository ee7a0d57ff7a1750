"""The parameters of embedded documents and their values."""

import pytest
from starlette.datastructures import QueryParams

from server.embeds.query_values import check_names, read_choice, read_switch, read_time_zone
from server.request_error import RequestRejected


@pytest.mark.parametrize("query", ["other=1", "theme=a&theme=b", "Theme=a", "theme=a&=b"])
def test_unknown_and_repeated_parameters_are_rejected(query: str) -> None:
    with pytest.raises(RequestRejected) as caught:
        check_names(QueryParams(query), ("theme",))
    assert caught.value.status == 400


def test_a_rejection_does_not_repeat_what_was_sent() -> None:
    with pytest.raises(RequestRejected) as caught:
        check_names(QueryParams("<script>=1"), ())
    assert "script" not in caught.value.message


def test_a_choice_is_one_of_those_that_there_are() -> None:
    assert read_choice(QueryParams(""), "by", ("time", "day"), "time") == "time"
    assert read_choice(QueryParams("by=day"), "by", ("time", "day"), "time") == "day"
    with pytest.raises(RequestRejected, match="by must be one of: time, day"):
        read_choice(QueryParams("by="), "by", ("time", "day"), "time")


@pytest.mark.parametrize(
    ("query", "is_on"), [("", False), ("x", True), ("x=", True), ("x=1", True), ("x=False", False)]
)
def test_a_switch_is_on_without_a_value(query: str, is_on: bool) -> None:
    assert read_switch(QueryParams(query), "x") == is_on


def test_a_switch_has_no_other_value() -> None:
    with pytest.raises(RequestRejected, match="x must be true or false"):
        read_switch(QueryParams("x=maybe"), "x")


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "America/Argentina/Ushuaia", "Etc/GMT+1"])
def test_a_time_zone_is_found_by_its_name(name: str) -> None:
    assert str(read_time_zone(QueryParams({"tz": name}), "tz")) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Europe",
        "Europe/Atlantis",
        "../../../etc/passwd",
        "/etc/passwd",
        "Europe//Berlin",
        "zone.tab",
        "tzdata.zi",
        "a" * 33,
        "UTC\x00",
    ],
)
def test_nothing_else_is_a_time_zone(name: str) -> None:
    with pytest.raises(RequestRejected, match="tz must be the name of a time zone"):
        read_time_zone(QueryParams({"tz": name}), "tz")
