"""Offsets of lists."""


def compute_next_offset(
    offset: int, row_count: int, total: int | None, next_offset: int | None = None
) -> int | None:
    """Return the offset of the page after one of `row_count` rows; None at the end of the list.

    Without a `next_offset` the total decides: a source whose limit was lowered may compute it from
    the rows that were requested. An offset that does not increase would be followed without end.
    """
    if next_offset is not None and next_offset > offset:
        return next_offset
    if row_count and total is not None and offset + row_count < total:
        return offset + row_count
    return None
