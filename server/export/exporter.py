"""An export: the rows of all titles of some accounts, account by account."""

from collections.abc import AsyncGenerator, Callable, Container, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from msgspec.structs import replace

from providers.errors import ProviderError
from resolvers.context import AccountRef, Viewer
from resolvers.export.account_export import AccountExport, ExportedTitle
from server.export.rows import TitleKey, build_rows, build_title_key, encode_rows


class Progress(Protocol):
    """Reports the progress of an export while it runs."""

    def start(self, account: str, total: int) -> None:
        """Tell how many titles of an account there are to read."""
        ...

    def advance(self) -> None:
        """Tell that one of them has been read."""
        ...


class NoProgress:
    """A progress without a display."""

    def start(self, account: str, total: int) -> None:
        pass

    def advance(self) -> None:
        pass


@dataclass(frozen=True)
class ExportFailure:
    """What could not be exported: a title, or without one a whole account."""

    account: AccountRef
    error: ProviderError
    title_id: str | None = None

    def describe(self) -> str:
        """Describe it in one line."""
        title = f" {self.title_id}" if self.title_id else ""
        return f"not exported: {self.account.source.name}{title}: {self.error.message}"


@dataclass
class Exporter:
    """Exports accounts for a viewer; `seconds` is the deadline of one read.

    `written` are the titles to leave out.
    """

    viewer: Viewer
    accounts: Sequence[AccountRef]
    form: str
    seconds: float
    written: Container[TitleKey] = ()
    progress: Progress = field(default_factory=NoProgress)
    on_failure: Callable[[ExportFailure], None] = lambda _failure: None
    map_icon_url: Callable[[str], str] = str

    async def iterate(self) -> AsyncGenerator[bytes]:
        """Yield the encoded rows of each title; report what fails, and go on."""
        for account in self.accounts:
            export = AccountExport(self.viewer, account, self.seconds)
            try:
                handle = await export.load_handle()
                titles = await export.list_titles()
            except ProviderError as error:
                self.on_failure(ExportFailure(account, error))
                continue
            missing = [
                each
                for each in titles
                if build_title_key(account, handle, each, self.form) not in self.written
            ]
            self.progress.start(f"{account.source.name} {handle}", len(missing))
            async for exported in export.iterate(missing):
                self.progress.advance()
                if rows := self._encode(account, handle, exported):
                    yield rows

    def _encode(self, account: AccountRef, handle: str, exported: ExportedTitle) -> bytes:
        if exported.error is not None:
            title_id = exported.title.native_id if exported.title else None
            self.on_failure(ExportFailure(account, exported.error, title_id))
            return b""
        rows = build_rows(account, handle, exported)
        mapped = (
            replace(row, icon_url=row.icon_url and self.map_icon_url(row.icon_url)) for row in rows
        )
        return encode_rows(mapped, self.form)
