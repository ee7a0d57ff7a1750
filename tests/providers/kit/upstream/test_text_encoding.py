"""Byte order marks, and the encodings other than UTF-8 that a response may declare."""

import codecs
import json

import pytest

from providers.kit.upstream.text_encoding import to_utf8

TEXT = '{"name": "Größe 大きさ"}'
UTF8 = TEXT.encode()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (UTF8, ""),
        (codecs.BOM_UTF8 + UTF8, ""),
        (codecs.BOM_UTF8 + UTF8, "application/json; charset=utf-8"),
        (codecs.BOM_UTF8 * 3 + UTF8, ""),
        (b"\r\n" + codecs.BOM_UTF8 + b"\n" + codecs.BOM_UTF8 + UTF8, ""),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "application/json"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), ""),
        (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), ""),
        (codecs.BOM_UTF32_BE + TEXT.encode("utf-32-be"), ""),
        (TEXT.encode("utf-16-be"), "application/json; charset=utf-16"),
        (TEXT.encode("utf-16-le"), "application/json;charset=UTF-16LE"),
        (TEXT.encode("utf-16-be"), 'application/json; charset="utf-16be"'),
        (TEXT.encode("utf-32-le"), "application/json; charset=utf-32le"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "application/json; charset=utf-16"),
        (codecs.BOM_UTF8 + UTF8, "application/json; charset=utf-16"),
    ],
    ids=range(15),
)
def test_a_text_is_read_by_its_mark_or_its_declared_charset(body: bytes, content_type: str) -> None:
    assert json.loads(to_utf8(body, content_type).decode()) == json.loads(TEXT)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", ""),
        (b"[]", "application/json; charset=iso-8859-1"),
        (b"[]", "application/json; charset=utf-16-of-some-kind"),
        (codecs.BOM_UTF16_LE + b"\x00", ""),
        (b"\x00\xd8", "application/json; charset=utf-16le"),
    ],
)
def test_a_text_that_cannot_be_converted_stays_as_it_is(body: bytes, content_type: str) -> None:
    assert to_utf8(body, content_type) == body
