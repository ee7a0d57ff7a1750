"""The log: one JSON line for each operation, and nothing in it of what was asked."""

import hashlib
import logging
import time
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from providers.kit.request_context import Operation
from providers.registry import Source
from server.observability.metrics import Metrics
from server.observability.redaction import credentials_in, hidden
from server.settings import Settings

log = logging.getLogger("trophycase.operations")
sources_log = logging.getLogger("trophycase.sources")

LONGEST_NAME = 200
DIGITS = 16
INTERNAL = "INTERNAL_SERVER_ERROR"


@dataclass
class Entry:
    """One request as the log tells it, filled in while it is answered."""

    request_id: str
    secrets: tuple[str, ...] = field(default=(), repr=False)
    began: float = field(default_factory=time.monotonic)
    kind: str = "none"
    name: str | None = None
    document: str | None = None
    caller: str | None = None
    operation: Operation | None = None
    errors: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    status: int = 500
    ran: bool = False
    silent: bool = False

    def asks(self, text: str | None, name: str | None) -> None:
        """Note which document is asked for: by its hash, the text itself is not kept."""
        if text is not None:
            digest = hashlib.sha256(text.encode(errors="surrogatepass"))
            self.document = digest.hexdigest()[:DIGITS]
        self._call(name)

    def runs(self, kind: str, name: str | None = None) -> None:
        """Note that it is executed, and as what: `query`, `mutation` or `pass_through`."""
        self.kind, self.ran = kind, True
        self._call(name or self.name)

    def failed(self, extensions: Mapping[str, Any]) -> None:
        """Note one error of the answer by its extensions."""
        self.errors.append((str(extensions.get("code")), str(extensions.get("source") or "")))

    def told(self) -> dict[str, Any]:
        """The members of its line."""
        spent = self.operation
        return {
            "request": self.request_id,
            "operation": self.name,
            "type": self.kind,
            "document": self.document,
            "status": self.status,
            "codes": sorted({code for code, _ in self.errors}),
            "ms": round(self.seconds() * 1000, 1),
            "calls": dict(spent.calls) if spent else {},
            "cached": spent.cached if spent else 0,
            "coalesced": spent.coalesced if spent else 0,
            "caller": self.caller,
        }

    def seconds(self) -> float:
        """How long it has taken."""
        return time.monotonic() - self.began

    def _call(self, name: str | None) -> None:
        self.name = hidden(name, self.secrets)[:LONGEST_NAME] if name else None


@dataclass(frozen=True)
class Journal:
    """Tells of each operation once: to the log and to the metrics."""

    metrics: Metrics

    @contextmanager
    def entry(self, headers: Mapping[str, str], request_id: str) -> Generator[Entry]:
        """The entry of one request; whoever answers it fills it in."""
        entry = Entry(request_id, credentials_in(headers))
        self.metrics.began()
        try:
            yield entry
        except BaseException:  # and one that is cancelled, because the server could not wait
            entry.failed({"code": INTERNAL})
            raise
        finally:
            self._end(entry)

    def _end(self, entry: Entry) -> None:
        code = entry.errors[0][0] if entry.errors else "OK"
        self.metrics.ended("page" if entry.silent else entry.kind, code, entry.seconds())
        if not entry.ran and entry.errors:
            self.metrics.refused(code)
        for each, source in entry.errors:
            self.metrics.erred(each, source)
        if not entry.silent:
            level = logging.ERROR if INTERNAL in entry.told()["codes"] else logging.INFO
            log.log(level, "operation", extra={"told": entry.told()})


def announce(settings: Settings, configured: Iterable[Source]) -> None:
    """Say once which sources can be asked, and what the others lack."""
    present = set(configured)
    for source in Source:
        told: dict[str, Any] = {"source": source.name}
        if source in present:
            sources_log.info("configured", extra={"told": told})
            continue
        told["missing"] = settings.missing(source)
        sources_log.info("NOT_CONFIGURED", extra={"told": told})
