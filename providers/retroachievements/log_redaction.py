"""The key rides in the query of every address: what prints addresses prints them without it."""

import logging

import httpx


class WithoutQuery(logging.Filter):
    """Cuts the query off every address in a record."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_shortened(argument) for argument in record.args)
        return True


WITHOUT_QUERY = WithoutQuery()


def hide_queries() -> None:
    """Cure httpx, which logs the whole address of every request."""
    logging.getLogger("httpx").addFilter(WITHOUT_QUERY)


def _shortened(argument: object) -> object:
    return argument.copy_with(query=None) if isinstance(argument, httpx.URL) else argument
