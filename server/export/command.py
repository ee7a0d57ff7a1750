"""The command `export`: to a file that a later run continues, or to standard output."""

import os
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NoReturn

from tqdm import tqdm

from providers.kit.instrumentation import Instrumentation
from providers.kit.request_context import RequestContext, set_current
from resolvers.context import AccountRef, Viewer
from server.export.exporter import Exporter, ExportFailure
from server.export.file import ExportFile, ForeignFile
from server.export.rows import encode_header
from server.services import open_services, open_shared_services
from server.settings import SettingError, Settings

COLUMNS, LINES = 80, 24
BAR_FORMAT = "{desc}: {n_fmt}/{total_fmt} titles |{bar}| {elapsed} elapsed, {remaining} left"


class ProgressBar:
    """A bar on standard error for each account, if that is a terminal."""

    def __init__(self) -> None:
        self._bar: tqdm[NoReturn] | None = None

    def start(self, account: str, total: int) -> None:
        """Begin the bar of the next account."""
        self.close()
        columns, lines = _measure_terminal()
        self._bar = tqdm(
            total=total,
            desc=account,
            bar_format=BAR_FORMAT,
            disable=None,
            ncols=columns,
            nrows=lines,
        )

    def advance(self) -> None:
        """Count one title."""
        if self._bar is not None:
            self._bar.update()

    def close(self) -> None:
        """End the last bar."""
        if self._bar is not None:
            self._bar.close()


def _measure_terminal() -> tuple[int, int]:
    """Return the columns and lines of standard error; some terminals say that they have none."""
    try:
        columns, lines = os.get_terminal_size(sys.stderr.fileno())
    except OSError:  # no bar is shown
        columns, lines = 0, 0
    return columns or COLUMNS, lines or LINES


async def export_accounts(
    settings: Settings, accounts: Sequence[AccountRef], form: str, output: Path | None
) -> list[ExportFailure]:
    """Export the accounts, by default the operator's own, and return what failed.

    Raise `SettingError` for a file that is no export, or without any account.
    """
    async with _open_viewer(settings) as viewer:
        wanted = [_check_account(viewer, each) for each in accounts] or list(viewer.accounts)
        if not wanted:
            raise SettingError("export", "no source is configured, and no --account is given")
        failures, progress = list[ExportFailure](), ProgressBar()
        exporter = Exporter(
            viewer, wanted, form, settings.deadline, progress=progress, on_failure=failures.append
        )
        try:
            if output is None:
                await _write_stdout(exporter)
            else:
                await _write_file(exporter, output)
        finally:
            progress.close()
        return failures


def _check_account(viewer: Viewer, account: AccountRef) -> AccountRef:
    client = viewer.clients.get(account.source)
    if client is not None:
        client.check_handle(account.handle)
    return account


@asynccontextmanager
async def _open_viewer(settings: Settings) -> AsyncGenerator[Viewer]:
    shared_services = open_shared_services(settings, None, Instrumentation())
    services = open_services(shared_services, settings)
    clients = {
        source: client
        for source, service in services.items()
        if (client := service.get_operator_client()) is not None
    }
    # The command's owner has every right, whatever API keys the server has.
    accounts = tuple(
        AccountRef(source, client.own_handle)
        for source, client in clients.items()
        if client.own_handle
    )
    set_current(RequestContext(0, caller="export"))
    async with shared_services.transport, shared_services.shared_store:
        yield Viewer(clients, accounts)


async def _write_stdout(exporter: Exporter) -> None:
    output = sys.stdout.buffer
    output.write(encode_header(exporter.form))
    async for rows in exporter.iterate():
        output.write(rows)
        output.flush()


async def _write_file(exporter: Exporter, output: Path) -> None:
    try:
        opened = ExportFile.open(output, exporter.form)
    except ForeignFile:
        problem = "the file is no export in this format; name another one"
        raise SettingError("--output", problem) from None
    with opened as file:
        exporter.written = file.written
        async for rows in exporter.iterate():
            file.append(rows)
