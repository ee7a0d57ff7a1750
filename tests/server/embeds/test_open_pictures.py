"""Where pictures come from: the hosts of the sources, or the sandbox without a network."""

import asyncio

from providers.kit.upstream.image_download import ImageDownloader
from server.embeds.open_pictures import PICTURE_TYPES, open_pictures
from server.embeds.pictures import FoundPictures
from server.settings import read_settings


def test_a_server_fetches_from_the_hosts_of_pictures_alone() -> None:
    environment = {"RETROACHIEVEMENTS_MEDIA_URL": "https://media.example"}
    pictures = open_pictures(read_settings(environment, sandbox=False))
    assert isinstance(pictures.downloader, ImageDownloader)
    is_allowed = pictures.downloader.is_allowed
    hosts = ("image.api.playstation.com", "media.example", "evil.example", "127.0.0.1")
    assert [is_allowed(host) for host in hosts] == [True, True, False, False]
    assert pictures.downloader.media_types == PICTURE_TYPES
    urls = ["https://evil.example/a.png", "http://media.example/a.png"]
    assert asyncio.run(pictures.fetch(urls)) == FoundPictures({}, is_complete=True)


def test_the_sandbox_has_a_picture_of_its_own_for_each_address() -> None:
    pictures = open_pictures(read_settings({}, sandbox=True))
    urls = [f"https://image.invalid/{number}/icon.png" for number in range(3)]
    found = asyncio.run(pictures.fetch([*urls, urls[0]]))
    assert list(found.by_url) == urls
    assert len(set(found.by_url.values())) == len(urls)
    assert found.is_complete
