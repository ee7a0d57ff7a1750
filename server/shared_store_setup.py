"""Opening of what is shared outside the process, and its cipher, by the settings."""

import logging
from urllib.parse import urlsplit

from providers.kit.shared.cache_secret import load_or_draw_secret, parse_secret
from providers.kit.shared.encryption import Cipher
from providers.kit.shared.file.file_url import build_file_url
from providers.kit.shared.shared_store import SharedStore
from server.setting_values import is_loopback
from server.settings import DEFAULT_CACHE_URL, SettingError, Settings

MEBIBYTE = 1024 * 1024

log = logging.getLogger(__name__)


def open_shared_store(settings: Settings) -> SharedStore:
    """Open the store that the processes of this server share.

    Raise `SettingError` for a bad URL, or without a secret to encrypt with. Without one the file
    that no setting asks for is done without.
    """
    if not settings.is_shared:
        return SharedStore()
    try:
        cipher = load_cipher(settings)
    except SettingError as error:
        if settings.cache_url != DEFAULT_CACHE_URL:
            raise
        log.warning("Nothing is remembered over a restart: %s", error)
        return SharedStore()
    file = settings.cache_file
    url = settings.cache_url if file is None else build_file_url(file)
    try:
        return SharedStore(url, cipher, settings.cache_megabytes * MEBIBYTE)
    except ValueError as error:
        raise SettingError("TROPHYCASE_CACHE_URL", str(error)) from None


def check_workers(settings: Settings, workers: int) -> None:
    """Raise `SettingError` for several workers that could not use one file."""
    if workers > 1 and settings.cache_url == DEFAULT_CACHE_URL:
        load_cipher(settings)


def load_cipher(settings: Settings) -> Cipher:
    """Load the cipher of everything that leaves the process.

    Its secret is the configured one, or one that is drawn once into the state directory. Raise
    `SettingError` when it cannot be stored there.
    """
    if settings.cache_secret:
        return Cipher(parse_secret(settings.cache_secret))
    try:
        return Cipher(load_or_draw_secret(settings.state_dir))
    except ValueError as error:
        raise SettingError("TROPHYCASE_STATE_DIR", str(error)) from None
    except OSError:
        problem = "needed, because none can be stored in the state directory"
        raise SettingError("TROPHYCASE_CACHE_SECRET", problem) from None


def warn_about_plain_redis(settings: Settings) -> None:
    """Log a warning if the connection to Redis leaves this machine without TLS."""
    parts = urlsplit(settings.cache_url)
    if parts.scheme == "redis" and parts.hostname and not is_loopback(parts.hostname):
        log.warning(
            "TROPHYCASE_CACHE_URL: redis:// to another machine is neither encrypted nor "
            "authenticated; use rediss://"
        )
