"""Who may write a file, where the system says so by its owner and mode; Windows does not."""

import os
import stat

ROOT_UID = 0
HAS_OWNERS = hasattr(os, "geteuid")
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def is_own(status: os.stat_result, *, or_of_root: bool = False) -> bool:
    """Return whether a file belongs to this process' user, or to root where that is as good."""
    if not HAS_OWNERS:
        return True
    return status.st_uid == os.geteuid() or (or_of_root and status.st_uid == ROOT_UID)


def is_writable_by_others(status: os.stat_result) -> bool:
    """Return whether the mode lets others write."""
    return HAS_OWNERS and bool(status.st_mode & _OTHERS_WRITE)


def is_run_by_root() -> bool:
    """Return whether this process is root's."""
    return HAS_OWNERS and os.geteuid() == ROOT_UID
