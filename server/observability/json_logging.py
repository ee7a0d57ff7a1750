"""JSON logging to stderr, without exception messages."""

import json
import logging
import sys
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

from server.observability.redaction import SecretSearch, redact_deep

MAX_FRAMES = 10
ROOT_LOGGER = "trophycase"
# The attribute of a log record whose members become members of the line.
FIELDS = "fields"
# ASCII only, so that no text from a request can control the terminal that shows the log.
ENCODER = json.JSONEncoder(default=str)


class JsonFormatter(logging.Formatter):
    """One line of JSON per record; an exception becomes its type and its stack frames."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, FIELDS, {}),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line |= _describe_exception(record.exc_info[0], record.exc_info[2])
        return ENCODER.encode(line)


class RedactionFilter(logging.Filter):
    """Removes known secrets, and keeps only the first line of other libraries' records."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        self._secrets = tuple(secrets)
        self._search = SecretSearch(self._secrets)

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact the record in place; none is dropped."""
        text = record.getMessage()
        if not record.name.startswith(ROOT_LOGGER):
            # asyncio appends the exception's own message, and Starlette a traceback.
            text = text.strip().partition("\n")[0]
        record.msg, record.args = self._redact(text), ()
        fields = getattr(record, FIELDS, None)
        if fields is not None:
            setattr(record, FIELDS, self._redact(fields))
        return True

    def _redact(self, value: Any) -> Any:
        return redact_deep(value, self._secrets) if self._search.may_find_any(value) else value


class LineHandler(logging.StreamHandler[TextIO]):
    """Writes lines to a stream, which is not flushed where it writes each line at once itself."""

    def flush(self) -> None:
        """Flush the stream, if it holds lines back."""
        if not getattr(self.stream, "line_buffering", False):
            super().flush()


def configure_logging(
    secrets: Iterable[str] = (),
    *,
    formatter: logging.Formatter | None = None,
    level: int = logging.INFO,
) -> None:
    """Let every logger of this process write to stderr, by default JSON, redacting the secrets.

    Records below `level` are not written, nor those of other libraries below warnings.
    """
    handler = LineHandler(sys.stderr)
    handler.setFormatter(formatter or JsonFormatter())
    handler.addFilter(RedactionFilter(secrets))
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)
    logging.getLogger(ROOT_LOGGER).setLevel(level)
    # httpx logs every URL with its query string, which may hold a key.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    # No line has a place in the code, a thread or a process, and finding them takes its time.
    logging._srcfile = None  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - see its HOWTO
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught


def _log_uncaught(
    error_type: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    logging.getLogger(ROOT_LOGGER).critical("unexpected", exc_info=(error_type, error, trace))


def _describe_exception(
    error_type: type[BaseException], trace: TracebackType | None
) -> dict[str, Any]:
    frames = traceback.extract_tb(trace)[-MAX_FRAMES:]
    return {
        "exception": error_type.__name__,
        "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
