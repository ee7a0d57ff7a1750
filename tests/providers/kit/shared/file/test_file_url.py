"""URLs of the cache file."""

from pathlib import Path

import pytest

from providers.kit.shared.file.file_url import build_file_url, parse_file_url


@pytest.mark.parametrize("path", ["/a/cache.db", "/a b/ä%?#.db", "/a/b:c@d.db"])
def test_a_path_is_the_same_after_its_url(path: str) -> None:
    assert parse_file_url(build_file_url(Path(path))) == Path(path)


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite://relative", "sqlite:///", "sqlite:///a/", "sqlite:///a%00"]
)
def test_what_names_no_file_is_rejected(url: str) -> None:
    with pytest.raises(ValueError, match="absolute path"):
        parse_file_url(url)
