"""Log records as lines of JSON on stderr, without messages that nobody has looked at."""

import json
import logging
import sys
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from server.observability.redaction import redact_deep

MAX_FRAMES = 10
ROOT_LOGGER = "trophycase"


class JsonFormatter(logging.Formatter):
    """One line of JSON for each record; an exception is its type and its frames."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "told", {}),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line |= _describe_exception(record.exc_info[0], record.exc_info[2])
        # ASCII only: a terminal that shows the log cannot be written to by a name.
        return json.dumps(line, default=str)


class RedactionFilter(logging.Filter):
    """Takes known secrets out of a record, and of others' records all but the first line."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        self._secrets = tuple(secrets)

    def filter(self, record: logging.LogRecord) -> bool:
        """Let it pass, without what nobody should read."""
        text = record.getMessage()
        if not record.name.startswith(ROOT_LOGGER):
            # asyncio goes on with an exception's own words, and Starlette with a traceback.
            text = text.strip().partition("\n")[0]
        record.msg, record.args = redact_deep(text, self._secrets), ()
        if hasattr(record, "told"):
            record.told = redact_deep(vars(record)["told"], self._secrets)
        return True


def configure_logging(secrets: Iterable[str] = ()) -> None:
    """Let every logger of this process write such lines to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    handler.addFilter(RedactionFilter(secrets))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger(ROOT_LOGGER).setLevel(logging.INFO)
    # It tells every address with its query, in which a key may be.
    logging.getLogger("httpx").setLevel(logging.WARNING)
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
