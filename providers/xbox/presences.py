"""Loads whether accounts are online, many a call."""

from collections.abc import Sequence
from functools import partial

from providers.errors import ProviderError
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached
from providers.kit.paging.batches import split_batches
from providers.kit.text import MAX_NAME_LENGTH, truncate
from providers.xbox.cache_policies import PRESENCE, PRESENCE_BATCH
from providers.xbox.cached_api import CachedApi
from providers.xbox.errors import RouteMissing
from providers.xbox.identifiers import is_title_id
from providers.xbox.models import Presence, PresenceTitle
from providers.xbox.profiles import BATCH_SIZE, get_profile, resolve
from providers.xbox.routes import PRESENCE as PRESENCE_ROUTES
from providers.xbox_records import XboxPresence

# What is on the screen, beside what runs in the background.
MAIN_PLACEMENT = "Full"
BACKGROUND_PLACEMENT = "Background"
INACTIVE_STATE = "Inactive"


async def get_presences(
    cached_api: CachedApi, handles: Sequence[str]
) -> list[Cached[XboxPresence | None] | ProviderError]:
    """Return the presence of each handle; None for one that the upstream does not tell."""
    accounts = await gather_outcomes([resolve(cached_api, handle) for handle in handles])
    known_ids = [each.value for each in accounts if isinstance(each, Cached)]
    uncached = await cached_api.find_uncached(PRESENCE, sorted(set(known_ids)))
    batches = {xuid: batch for batch in split_batches(uncached, BATCH_SIZE) for xuid in batch}
    return await gather_outcomes(
        [_get_presence(cached_api, account, batches) for account in accounts]
    )


async def _get_presence(
    cached_api: CachedApi,
    account: Cached[str] | ProviderError,
    batches: dict[str, tuple[str, ...]],
) -> Cached[XboxPresence | None]:
    if isinstance(account, ProviderError):
        raise account
    xuid = account.value
    batch = batches.get(xuid, (xuid,))

    async def load() -> XboxPresence | None:
        loaded = await cached_api.get_or_load(
            PRESENCE_BATCH, batch, partial(_load_batch, cached_api, batch)
        )
        if xuid not in loaded.value:
            await get_profile(cached_api, xuid)
        return loaded.value.get(xuid)

    return await cached_api.get_or_load(PRESENCE, (xuid,), load)


async def _load_batch(cached_api: CachedApi, xuids: Sequence[str]) -> dict[str, XboxPresence]:
    try:
        rows = await cached_api.call(PRESENCE_ROUTES, list[Presence], xuids=",".join(xuids))
    except RouteMissing:
        if len(xuids) == 1:
            await get_profile(cached_api, xuids[0])
        raise
    requested = set(xuids)
    return {each.xuid: _map_presence(each) for each in rows if each.xuid in requested}


def _map_presence(presence: Presence) -> XboxPresence:
    title = _find_main_title(presence)
    title_id = title.id or ""
    return XboxPresence(
        online_status=truncate(presence.state, MAX_NAME_LENGTH),
        title_id=title_id if is_title_id(title_id) else None,
        title_name=truncate(title.name, MAX_NAME_LENGTH),
        text=truncate(title.activity.rich_presence if title.activity else None, MAX_NAME_LENGTH),
    )


def _find_main_title(presence: Presence) -> PresenceTitle:
    running = [
        title
        for device in presence.devices
        for title in device.titles
        if title.state != INACTIVE_STATE and title.placement != BACKGROUND_PLACEMENT
    ]
    running.sort(key=lambda title: title.placement != MAIN_PLACEMENT)
    return running[0] if running else PresenceTitle()
