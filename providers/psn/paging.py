"""Pages of PSN's lists by offsets, of as many rows as PSN allows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, Protocol, TypeVar

from providers.kit.paging.learned_limit import LearnedLimit
from providers.kit.paging.offsets import compute_next_offset
from providers.kit.upstream.decode import count_items
from providers.psn import errors
from providers.psn.cached_api import CachedApi


class PageResponse(Protocol):
    """What every response with a page of a list has; PSN sometimes repeats an offset."""

    @property
    def total(self) -> int | None:
        """The number of rows in the whole list."""
        ...

    @property
    def next_offset(self) -> int | None:
        """The offset of the following page."""
        ...


ResponseT = TypeVar("ResponseT", bound=PageResponse)


@dataclass(frozen=True)
class OffsetPage(Generic[ResponseT]):
    """A page: its response, its number of rows, and the offset of the following page."""

    response: ResponseT
    row_count: int
    next_offset: int | None


@dataclass(frozen=True)
class OffsetList(Generic[ResponseT]):
    """A list that is read by offsets; `rows_name` is the member of a response with its rows."""

    limit: LearnedLimit
    url: str
    rules: errors.ErrorRules
    response_type: type[ResponseT]
    rows_name: str
    params: Mapping[str, str] = field(default_factory=dict[str, str])

    async def load_page(self, cached_api: CachedApi, offset: int) -> OffsetPage[ResponseT]:
        """Load the page at an offset."""
        return await self.limit.load_page(cached_api, partial(self._load_sized, cached_api, offset))

    async def _load_sized(
        self, cached_api: CachedApi, offset: int, size: int
    ) -> OffsetPage[ResponseT]:
        params = {**self.params, "limit": str(size), "offset": str(offset)}
        reply = await cached_api.api.get_sized(self.url, self.rules, params)
        response = reply.decode(self.response_type)
        row_count = count_items(reply.json_text, self.rows_name)
        next_offset = compute_next_offset(offset, row_count, response.total, response.next_offset)
        # The total alone may be wrong, so that a first page does not show that more are to come.
        if offset or response.next_offset is not None:
            self.limit.learn_from_page(cached_api, size, offset, next_offset)
        return OffsetPage(response, row_count, next_offset)
