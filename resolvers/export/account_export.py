"""All titles of an account with their achievements, read one batch after the other."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextvars import copy_context
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from providers.capabilities import HasAchievements, HasProfiles, HasTitles
from providers.errors import Missing, NotFound, ProviderError
from providers.kit.request_context import RequestContext, get_current
from providers.records import Achievement, Part, Title
from providers.registry import Source
from resolvers.context import AccountRef, Owner, ResolverContext, Viewer
from resolvers.export.patience import read_patiently
from resolvers.loaders import Loaders
from resolvers.title import get_achievements, mask_hidden, owner_of
from resolvers.title_list.pages import TitlePages

T = TypeVar("T")

BATCH_SIZE = 8
EXPORTED_PARTS = Part.DEFINITIONS | Part.EARNED | Part.RARITY | Part.HIDDEN


@dataclass(frozen=True)
class ExportedTitle:
    """A title with its achievements, hidden ones masked; without a title, those outside of any.

    `error` is why the achievements could not be read.
    """

    title: Title | None
    achievements: tuple[Achievement, ...] = ()
    error: ProviderError | None = None


@dataclass
class AccountExport:
    """The titles of one account; `seconds` is the deadline of one read.

    Each batch has loaders of its own, so that nothing read stays in memory.
    """

    viewer: Viewer
    account: AccountRef
    seconds: float
    request_context: RequestContext = field(default_factory=get_current)

    async def load_handle(self) -> str:
        """Load the account's handle as its owner writes it.

        Raise a `ProviderError`: `NotFound` for an account that does not exist.
        """

        async def load(context: ResolverContext) -> str:
            if not context.loaders.has_capability(self.account.source, HasProfiles):
                return self.account.handle
            return (await context.loaders.load_profile(*self._key)).value.handle

        return await self._read(load)

    async def list_titles(self) -> list[Title | None]:
        """List the account's titles; the last one is None if it has achievements without one."""
        titles: list[Title | None] = []
        source = self.account.source
        if self._open().loaders.has_capability(source, HasTitles):
            titles += await self._read(self._list_titles)
        if self._open().loaders.has_capability(source, HasAchievements):
            titles.append(None)
        return titles

    async def iterate(self, titles: Sequence[Title | None]) -> AsyncIterator[ExportedTitle]:
        """Yield the titles with their achievements, in the given order."""
        remaining = iter(titles)
        while batch := list(islice(remaining, BATCH_SIZE)):
            tasks = [
                asyncio.create_task(self._export(each), context=copy_context()) for each in batch
            ]
            try:
                for task in tasks:
                    yield await task
            finally:
                for task in tasks:
                    task.cancel()

    async def _list_titles(self, context: ResolverContext) -> list[Title]:
        try:
            owner = await owner_of(context, self.account)
        except NotFound:
            return []
        pages, titles = TitlePages(context, owner), list[Title]()
        while pages.has_next:
            moved, listed = await pages.read_next()
            titles += [*moved, *listed]
        return titles

    async def _export(self, title: Title | None) -> ExportedTitle:
        async def read(context: ResolverContext) -> tuple[Achievement, ...]:
            if title is None:
                return (await context.loaders.load_achievements(*self._key, progress=False)).value
            owner = await owner_of(context, self.account)
            return await self._load_achievements(context, owner, title)

        try:
            found = await self._read(read)
        except ProviderError as error:
            return ExportedTitle(title, error=error)
        return ExportedTitle(title, tuple(map(mask_hidden, found)))

    @staticmethod
    async def _load_achievements(
        context: ResolverContext, owner: Owner, title: Title
    ) -> tuple[Achievement, ...]:
        try:
            return await get_achievements(context, owner, title, EXPORTED_PARTS) or ()
        except Missing:  # the title is listed, and has nothing to show
            return ()

    async def _read(self, read: Callable[[ResolverContext], Awaitable[T]]) -> T:
        return await read_patiently(lambda: read(self._open()), self.request_context, self.seconds)

    def _open(self) -> ResolverContext:
        loaders = Loaders(self.viewer.clients, self.viewer.source_errors)
        return ResolverContext(self.viewer, loaders)

    @property
    def _key(self) -> tuple[Source, str]:
        return self.account.source, self.account.handle
