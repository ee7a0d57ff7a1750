"""Offsets of PSN's lists."""


def get_following_offset(next_offset: int | None, offset: int) -> int | None:
    """Return `nextOffset`, or None at the end of the list.

    PSN sometimes repeats an offset; following it would never end.
    """
    return next_offset if next_offset is not None and next_offset > offset else None
