"""Content types of requests: JSON in UTF-8, with whatever parameters."""

import pytest

from server.content_type import check_json_body, check_no_other_body
from server.request_error import RequestRejected

JSON_TYPES = [
    "application/json",
    "Application/JSON",
    " application/json ",
    "application/json;",
    "application/json; charset=utf-8",
    "application/json; charset=utf-8;",
    "application/json;charset=UTF8",
    'application/json; charset="Utf-8"',
    "application/json; charset='utf-8'",
    "application/json; Charset = utf_8",
    "application/json; charset=us-ascii",
    "application/json; charset=",
    "application/json; charset=utf-8; version=1",
    "application/json;charset=utf-8;boundary=x",
    "application/json;odata=verbose",
    'application/json; profile="a; charset=latin1"; charset=utf-8',
    'application/json; profile="a\\";b"',
    "application/json; ; =;nonsense",
]
OTHER_CHARSETS = [
    "application/json; charset=iso-8859-1",
    "application/json; charset=utf-16",
    "application/json; version=1; CHARSET=latin1",
    "application/json; charset=utf-8; charset=utf-16",
    "application/json; charset=" + "x" * 1000,
]
OTHER_TYPES = [
    "text/plain",
    "message/rfc822",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
    "application/json, text/plain",
    "application/jsonp",
    "json",
    ";",
]


@pytest.mark.parametrize("content_type", JSON_TYPES)
def test_json_may_have_any_parameters(content_type: str) -> None:
    check_json_body(content_type)
    check_no_other_body(content_type)


@pytest.mark.parametrize("content_type", [None, "", *OTHER_CHARSETS, *OTHER_TYPES])
def test_a_body_in_another_type_or_charset_is_rejected(content_type: str | None) -> None:
    with pytest.raises(RequestRejected) as caught:
        check_json_body(content_type)
    assert caught.value.status == 415


@pytest.mark.parametrize("content_type", OTHER_TYPES)
def test_another_type_is_rejected_without_a_body_as_well(content_type: str) -> None:
    with pytest.raises(RequestRejected) as caught:
        check_no_other_body(content_type)
    assert caught.value.status == 415


@pytest.mark.parametrize("content_type", [None, "", "  ", *OTHER_CHARSETS])
def test_without_a_body_the_type_may_be_left_out(content_type: str | None) -> None:
    check_no_other_body(content_type)
