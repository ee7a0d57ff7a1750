"""Hardening of a process that holds secrets."""

import logging

from providers.kit.file_permissions import is_run_by_root

log = logging.getLogger("trophycase.process")


def disable_core_files() -> None:
    """Set the limit for core files to 0, for this process and those it starts.

    A core file contains the whole memory, with every secret.
    """
    try:
        import resource  # noqa: PLC0415 - not every system has it
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def warn_when_root() -> None:
    """Log a warning if the process runs as root."""
    if is_run_by_root():
        log.warning("running as root; run as a user without privileges")
