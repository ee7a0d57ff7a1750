"""The URL of the file: `sqlite:///PATH`, with an absolute path."""

from pathlib import Path
from urllib.parse import quote, unquote

FILE_URL = "sqlite://"


def parse_file_url(url: str) -> Path:
    """Return the path; raise `ValueError` for one that is not absolute, or that ends in a slash."""
    path = unquote(url.removeprefix(FILE_URL))
    if not path.startswith("/") or path.endswith("/") or "\0" in path:
        raise ValueError("must be sqlite:// or sqlite:///PATH with the absolute path of a file")
    return Path(path)


def build_file_url(path: Path) -> str:
    """Return the URL of a file."""
    return FILE_URL + quote(str(path.absolute()))
