"""The key rides in the query of every address: what prints addresses prints them without it."""

import logging

import httpx


class QueryStringFilter(logging.Filter):
    """Cuts the query off every address in a record."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_strip_query(argument) for argument in record.args)
        return True


QUERY_STRING_FILTER = QueryStringFilter()


def hide_query_strings() -> None:
    """Cure httpx, which logs the whole address of every request."""
    logging.getLogger("httpx").addFilter(QUERY_STRING_FILTER)


def _strip_query(argument: object) -> object:
    return argument.copy_with(query=None) if isinstance(argument, httpx.URL) else argument
