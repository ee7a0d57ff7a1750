"""OpenXBL and the cache in front of it, for one credential."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from providers.errors import BadResponse
from providers.kit.upstream.keyed_cached_api import KeyedCachedApi
from providers.xbox.api import XboxApi
from providers.xbox.cache_policies import ROUTES
from providers.xbox.errors import RouteMissing
from providers.xbox.routes import Purpose

T = TypeVar("T")


@dataclass(frozen=True)
class CachedApi(KeyedCachedApi[XboxApi]):
    """OpenXBL with one credential, and the cached values of that credential's scope."""

    async def call(
        self,
        purpose: Purpose,
        target: type[T],
        check: Callable[[T], object] | None = None,
        **parameters: str,
    ) -> T:
        """Return the response of the first route of a purpose that answers as it should.

        `check` raises `BadResponse` for a response that cannot be the answer. The route that
        answered is called first from then on. Raise `RouteMissing` if none of them is there.
        """
        paths = purpose.build_paths(**parameters)
        order = await self._order_routes(purpose)
        failures: list[BadResponse] = []
        for position in order:
            try:
                response = await self.api.get(paths[position], target)
                if check is not None:
                    check(response)
            except BadResponse as error:
                failures.append(error)
                continue
            if position != order[0]:
                self.set_cached_nowait(ROUTES, position, purpose.name)
            return response
        # A route that answers wrongly tells more than those that are not there.
        raise min(failures, key=lambda error: isinstance(error, RouteMissing))

    async def uses_first_route(self, purpose: Purpose) -> bool:
        """Return whether the likeliest route of a purpose is the one that answered last."""
        return (await self._order_routes(purpose))[0] == 0

    async def _order_routes(self, purpose: Purpose) -> list[int]:
        if len(purpose.routes) == 1:
            return [0]
        remembered = await self.get_cached(ROUTES, purpose.name)
        positions = range(len(purpose.routes))
        return sorted(positions, key=lambda each: remembered is None or each != remembered.value)
