"""The hosts of pictures."""

from pathlib import Path

import pytest

from server.embeds.picture_hosts import PICTURE_HOSTS, list_picture_hosts, match_hosts
from server.settings import read_settings

REPOSITORY = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("host", "is_allowed"),
    [
        ("image.api.playstation.com", True),
        ("media.retroachievements.org", True),
        ("avatars.steamstatic.com", True),
        ("shared.akamai.steamstatic.com", True),
        ("steamcdn-a.akamaihd.net", True),
        ("images-eds-ssl.xboxlive.com", True),
        ("store-images.s-microsoft.com", True),
        ("evil-playstation.com", False),
        ("playstation.com.evil.example", False),
        ("other.akamaihd.net", False),
        ("localhost", False),
        ("127.0.0.1", False),
        ("", False),
    ],
)
def test_only_the_hosts_of_pictures_are_allowed(host: str, is_allowed: bool) -> None:
    assert match_hosts(PICTURE_HOSTS)(host) == is_allowed


def test_the_hosts_are_documented() -> None:
    text = (REPOSITORY / "docs" / "embedding.md").read_text(encoding="utf-8")
    assert [each for each in PICTURE_HOSTS if f"`{each.removeprefix('*.')}`" not in text] == []


def test_the_operators_own_host_of_pictures_is_allowed() -> None:
    environment = {"RETROACHIEVEMENTS_MEDIA_URL": "https://media.example/files"}
    hosts = list_picture_hosts(read_settings(environment, sandbox=False))
    assert match_hosts(hosts)("media.example")
