"""The hosts that the sources' pictures are on; a picture elsewhere is not fetched."""

from collections.abc import Callable
from urllib.parse import urlsplit

from providers.registry import Source
from server.settings import Settings

ANY_BELOW = "*."
# By the addresses in the sources' responses. `*.` stands for every host below.
PICTURE_HOSTS = (
    "*.playstation.com",
    "*.playstation.net",
    "*.retroachievements.org",
    "*.trophy.so",
    "*.steamstatic.com",
    "media.steampowered.com",
    "steamcdn-a.akamaihd.net",
    "*.xboxlive.com",
    "*.s-microsoft.com",
)
MEDIA_URL_SUFFIX = "_MEDIA_URL"


def list_picture_hosts(settings: Settings) -> tuple[str, ...]:
    """Return the hosts, with those that the operator has set for a source's pictures."""
    urls = (
        url
        for source in Source
        for name, url in settings.sources[source].items()
        if name.endswith(MEDIA_URL_SUFFIX)
    )
    own_hosts = (urlsplit(url).hostname or "" for url in urls)
    return tuple(dict.fromkeys((*PICTURE_HOSTS, *filter(None, own_hosts))))


def match_hosts(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    """Return a function that tells whether a host is one of these."""
    exact = frozenset(each for each in patterns if not each.startswith(ANY_BELOW))
    suffixes = tuple(each.removeprefix("*") for each in patterns if each.startswith(ANY_BELOW))
    return lambda host: host in exact or host.endswith(suffixes)
