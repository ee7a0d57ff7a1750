"""JSON texts as UTF-8 without a byte order mark, which RFC 8259 lets a reader ignore."""

import codecs
import re

# Each of the PHP files that make up a response may begin with one.
UTF8_MARKS = re.compile(rb"(?:[ \t\r\n]*\xef\xbb\xbf)+")
# That of UTF-32 begins with that of UTF-16, so it comes first.
OTHER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
JSON_STARTS = (b"{", b"[")
CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?utf-?(16|32)-?([lb]e)?(?=[\s;\"']|$)", re.IGNORECASE)


def is_plain_json(text: bytes) -> bool:
    """Return whether the text is JSON without a mark, whose second byte is no half of a wide one.

    There is nothing to convert in it.
    """
    return text[:1] in JSON_STARTS and text[1:2] != b"\0"


def to_utf8(text: bytes, content_type: str = "") -> bytes:
    """Return the text as UTF-8, without any byte order mark at its start.

    UTF-16 and UTF-32 are known by their marks, or by the charset of the content type. A text that
    is not what they say is returned as it is, and is then no valid JSON.
    """
    if is_plain_json(text):
        return text
    marks = UTF8_MARKS.match(text)
    if marks is not None:
        return text[marks.end() :]
    mark, encoding = next((each for each in OTHER_MARKS if text.startswith(each[0])), (b"", ""))
    encoding = encoding or _find_wide_charset(content_type)
    if not encoding:
        return text
    try:
        return text[len(mark) :].decode(encoding).encode()
    except UnicodeError:
        return text


def _find_wide_charset(content_type: str) -> str:
    """Return the codec of a declared UTF-16 or UTF-32; without a mark it is big-endian."""
    found = CHARSET.search(content_type)
    return f"utf-{found[1]}-{found[2] or 'be'}" if found else ""
