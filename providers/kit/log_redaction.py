"""Keeps API keys out of the logs, for sources that take them in the query of an address."""

import logging

import httpx


class QueryStringFilter(logging.Filter):
    """Removes the query from every address in a log record."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_strip_query(argument) for argument in record.args)
        return True


QUERY_STRING_FILTER = QueryStringFilter()


def hide_query_strings() -> None:
    """Add the filter to httpx's logger, which logs the whole address of every request."""
    logging.getLogger("httpx").addFilter(QUERY_STRING_FILTER)


def _strip_query(argument: object) -> object:
    return argument.copy_with(query=None) if isinstance(argument, httpx.URL) else argument
